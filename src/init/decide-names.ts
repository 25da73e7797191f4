import { basename } from 'node:path';
import { parseJsonObject, stringOf } from '../model/json.ts';
import type { ChosenManifests } from './choose-manifests.ts';
import type { Told } from './draft.ts';
import type { DeploymentEvidence, ManifestEvidence, TextFile } from './evidence.ts';

/** The manifests that were chosen: what Kustomize calls a namespace goes before what the files say. */
type ChosenNames = Pick<ChosenManifests, 'kustomizations' | 'overlays'>;

/** What the application is called and where it goes; `isSure`: nobody need be asked. */
export interface Names {
  readonly application: Told<string>;
  readonly namespace: Told<string> & { readonly isSure: boolean };
}

/**
 * Decides both by what the manifests say, then what is given or answered, then today's deployment, then names of packages
 * and folders. An application without a configuration carries the name of its namespace: with another one, what was
 * deployed like that would be taken over, and its releases would not be found. But it is the same one in all its stages.
 */
export function decideNames(
  { objects, namespaces }: ManifestEvidence,
  deployment: DeploymentEvidence,
  given: Told<string> | undefined,
  { cwd, files, chosen }: { readonly cwd: string; readonly files: readonly TextFile[]; readonly chosen: ChosenNames },
): Names {
  const overlaid = [...new Set([...chosen.kustomizations, ...chosen.overlays].flatMap((one) => one.namespace ?? []))];
  const ofOverlay = chosen.kustomizations.find((one) => one.namespace !== undefined);
  const [partOf] = objects.flatMap((one) => one.partOf ?? []);
  const named = stringOf(parseJsonObject(files.find(({ path }) => path === 'package.json')?.text ?? '')?.name);
  const used = (name: string): number => objects.filter(({ namespace }) => namespace === name).length;
  const [home] = namespaces.toSorted((a, b) => used(b) - used(a));
  const all = overlaid.length > 0 ? overlaid : home === 'default' ? [] : namespaces;
  const [own, ...more] = new Set(all.map(withoutStage));
  const ofStage = own === all[0] ? '' : ', without its stage';
  const application = told(partOf, 'the label app.kubernetes.io/part-of of the manifests') ??
    told(more.length > 0 ? undefined : own, `the namespace that the manifests name${ofStage}`) ??
    ofGiven(given?.value) ??
    told(named?.split('/').at(-1), 'the name in package.json') ??
    told(basename(cwd), 'the name of the folder') ?? { value: 'app', reason: 'no name was found' };
  const several = namespaces.length > 1 ? ', as most objects do; the others stay in theirs' : '';
  const namespace =
    given ??
    told(ofOverlay?.namespace, `the kustomization ${ofOverlay?.path ?? ''} names it`) ??
    told(home, `the manifests name it${several}`) ??
    told(deployment.namespace, 'kubectl is given it today');
  const guess = { value: application.value, reason: 'nothing names one: that of the application' };
  return { application, namespace: { ...(namespace ?? guess), isSure: namespace !== undefined } };
}

const stage = '(?:dev|development|test|qa|uat|stage|staging|prod|production)';
const stagePart = new RegExp(`^${stage}(?:-|$)|-${stage}$`);

/** `shop` for `shop-dev`: one application has a namespace for each of its stages. Empty for one that names only a stage. */
function withoutStage(namespace: string): string {
  return namespace.replace(stagePart, '');
}

/** `default` is everybody's. */
function ofGiven(namespace: string | undefined): Told<string> | undefined {
  if (namespace === undefined || namespace === 'default') return undefined;
  const own = withoutStage(namespace);
  const how = own === namespace ? ', as it is without a configuration' : ', without its stage';
  return told(own, `that of the namespace${how}`);
}

/** As a DNS label, if it can be one. */
function told(name: string | undefined, reason: string): Told<string> | undefined {
  const value = name
    ?.toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return value === undefined || value === '' ? undefined : { value, reason };
}
