import { dirname, relative, resolve, sep } from 'node:path';
import { DeployError, restated, throwIfInterrupted } from '../errors.ts';
import type { Host } from '../events.ts';
import type { OutputsRequest } from '../inputs/terraform.ts';
import { countOf } from '../model/age.ts';
import { type ChosenManifests, chooseManifests } from './choose-manifests.ts';
import { chooseTerraform } from './choose-terraform.ts';
import { decideNames, type Names } from './decide-names.ts';
import type { ConfigDraft, Told } from './draft.ts';
import type { FoundInput, ManifestEvidence, Proposal, TerraformEvidence } from './evidence.ts';
import { expectations } from './expectations.ts';
import { givenPaths } from './given-paths.ts';
import { withHelpers } from './helpers.ts';
import { movingImages } from './own-images.ts';
import { propose } from './propose.ts';
import { askOpen } from './questions.ts';
import { isDeployment, readAround } from './read-around.ts';
import { scanManifests } from './scan-manifests.ts';
import { scanDeployment } from './scan-workflows.ts';
import { type UpcomingObjects, upcomingObjects } from './upcoming-objects.ts';
import { writeConfig } from './write-config.ts';
import { refuseExisting, writeNew } from './write-new.ts';

export interface InitRequest {
  /** `--manifests`; else they are looked for. */
  readonly manifests: readonly string[];
  readonly namespace: string | undefined;
  /** The file to write. */
  readonly out: string;
  /** Nobody is asked: what isn't clear stays open. */
  readonly yes: boolean;
  readonly outputs: OutputsRequest;
}

/** What was found, and written. */
export interface InitOutcome {
  readonly file: string;
  readonly application: string;
  readonly namespace: string;
  readonly manifests: readonly string[];
  /** Folders with manifests that weren't taken. */
  readonly others: readonly string[];
  readonly styles: ManifestEvidence['styles'];
  readonly upcoming: UpcomingObjects;
  readonly proposals: readonly Proposal[];
  readonly terraformDir: string | undefined;
  /** Perhaps placeholders, perhaps meant for a program: they stay. */
  readonly left: readonly FoundInput[];
  /** Images without a version: `up` refuses them. */
  readonly moving: readonly string[];
}

/**
 * Looks at manifests, Terraform and CI, proposes where each value comes from, asks what can't be told, and writes the
 * configuration. Nothing else is written, and nothing at all before every question is answered.
 *
 * @throws DeployError `invalid` where there is a configuration already, or no manifest; `usage` where somebody would
 * have to be asked and can't; `interrupted`.
 */
export async function initConfig(request: InitRequest, host: Host, signal: AbortSignal): Promise<InitOutcome> {
  const { cwd, terraformDir, outputsFile } = request.outputs;
  const target = resolve(cwd, request.out);
  await refuseExisting(target, request.out);
  if (!request.yes && !host.canAsk) {
    throw new DeployError('usage', 'This may need answers, and nobody can be asked here.', {
      fix: 'Take the proposals as they are: --yes. What is not clear then stays open, and is listed.',
    });
  }
  host.emit({ type: 'step', name: 'init', message: 'Reading manifests, Terraform files and workflows' });
  const given = await givenPaths(request.manifests, cwd);
  const roots = given.flatMap((one) => one.roots);
  const files = await readAround([...roots, ...(terraformDir === undefined ? [] : [terraformDir])], cwd);
  const deployment = scanDeployment(files.filter(isDeployment));
  const chosen = chooseManifests(files, given, deployment.applied);
  if (chosen.files.length === 0) throw noManifests(request.manifests);
  const manifests = scanManifests(chosen.files, deployment);
  const asked = request.yes ? undefined : host;
  const terraform = await orNothing(chooseTerraform(files, deployment, request.outputs, asked, signal));
  const all = withHelpers(propose(manifests.inputs, { deployment, terraform }));
  // Nobody is asked about what is perhaps none: `up` leaves it as it is, and says so.
  const isLeft = ({ input, confidence }: Proposal): boolean => input.isDoubtful && confidence === 'open';
  const proposals = all.filter((one) => !isLeft(one));
  const upcoming = await upcomingObjects(chosen, manifests.objects, deployment, request.outputs, signal);
  say(upcoming, chosen, proposals, terraform, host);
  const flag =
    request.namespace === undefined ? undefined : { value: request.namespace, reason: 'as given by --namespace' };
  const namesWith = (given: Told<string> | undefined): Names =>
    decideNames(manifests, deployment, given, { cwd, files, chosen });
  const guess = namesWith(flag);
  const answer = asked === undefined ? undefined : await orNothing(askNamespace(guess, asked, signal));
  const names = answer === undefined ? guess : namesWith(answer);
  const answered = asked === undefined ? proposals : await orNothing(askOpen(proposals, asked, signal));
  throwIfInterrupted(signal);
  const from = (path: string): string => relative(dirname(target), resolve(cwd, path)).split(sep).join('/') || '.';
  const draft: ConfigDraft = {
    ...names,
    manifests: chosen.paths.map(from),
    overlays: chosen.overlays.map((one) => ({ ...one, path: from(one.path) })),
    terraform:
      terraform.dir !== undefined
        ? { dir: from(terraform.dir) }
        : outputsFile !== undefined && outputsFile !== '-'
          ? { outputs: from(outputsFile) }
          : undefined,
    proposals: answered,
    styles: manifests.styles,
    texts: manifests.texts,
    fields: manifests.fields,
    images: manifests.images,
    moving: movingImages(manifests.images, chosen.files),
    expect: expectations(manifests, deployment),
  };
  await writeNew(target, request.out, writeConfig(draft), cwd);
  return {
    file: request.out,
    application: names.application.value,
    namespace: names.namespace.value,
    manifests: draft.manifests,
    others: chosen.others,
    styles: manifests.styles,
    upcoming,
    proposals: answered,
    terraformDir: terraform.dir,
    left: all.filter(isLeft).map(({ input }) => input),
    moving: draft.moving,
  };
}

/** Who breaks off at a question is told that this left nothing behind. */
async function orNothing<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof DeployError) || (error.code !== 'interrupted' && error.code !== 'usage')) throw error;
    throw restated(error, { why: 'Nothing was written.' });
  }
}

function noManifests(given: readonly string[]): DeployError {
  const where = given.length === 0 ? 'this folder' : given.join(', ');
  return new DeployError('invalid', `No Kubernetes manifest was found in ${where}. Nothing was written.`, {
    why: 'A manifest is a .yaml, .yml or .json file with apiVersion and kind. Helm charts are passed over: Helm has to render them first.',
    fix: 'Name the files or folders: -f <path>. Of a chart: helm template . > rendered.yaml.',
  });
}

function say(
  { objects, isAtLeast }: UpcomingObjects,
  { paths }: ChosenManifests,
  inputs: readonly Proposal[],
  { outputs, dir }: TerraformEvidence & { readonly dir?: string | undefined },
  host: Host,
): void {
  const found = `${isAtLeast ? 'at least ' : ''}${countOf(objects.length, 'object')} in ${paths.join(', ')}, ${countOf(inputs.length, 'input')} for them`;
  const beside =
    outputs.length === 0
      ? 'no Terraform outputs'
      : `${countOf(outputs.length, 'Terraform output')}${dir === undefined ? '' : ` in ${dir}`}`;
  host.emit({ type: 'step', name: 'init', message: `Found ${found}; ${beside}` });
}

/** The namespace, where nothing tells it. */
async function askNamespace({ namespace }: Names, host: Host, signal: AbortSignal): Promise<Told<string> | undefined> {
  if (namespace.isSure) return undefined;
  const message = 'Which namespace? The manifests name none.';
  for (;;) {
    const typed = await host.text(
      { type: 'text', message, secret: false, default: namespace.value, flag: '--namespace' },
      signal,
    );
    const value = typed.trim();
    if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return { value, reason: 'as answered' };
    host.emit({ type: 'step', name: 'init', message: 'A namespace has a-z, 0-9 and - in it, at most 63 characters.' });
  }
}
