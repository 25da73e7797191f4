import { isForbidden } from '../cluster/errors.ts';
import { DeployError } from '../errors.ts';
import { during, type Host } from '../events.ts';
import { redactorOf } from '../inputs/redact.ts';
import { createSurroundings, type Surroundings } from '../inputs/surroundings.ts';
import { namespacedBy } from '../manifests/definitions.ts';
import { namesOf } from '../manifests/identity.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import type { Input } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey } from '../model/object.ts';
import type { Target } from '../model/plan.ts';
import type { RecordedInput } from '../model/release.ts';
import { commitOf } from '../releases/author.ts';
import { openTarget } from '../target/open.ts';
import type { TargetRequest } from '../target/request.ts';
import { servedAddons } from '../verify/addon-needs.ts';
import { besideOthers } from '../verify/beside-others.ts';
import { completeImages } from './images/complete-images.ts';
import { createEcrImages } from './images/ecr-images.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import { withNamespace } from './namespace.ts';
import { overrideFindings } from './overrides.ts';
import { type PlanOptions, planning, planView, viewOf } from './plan-view.ts';
import type { Desired, Planned, View, Whereabouts } from './planned.ts';
import { finish, invalid, type Prepared, type PrepareRequest, prepare } from './prepare.ts';
import { forbiddenFinding } from './refusals.ts';
import { snapshotFindings } from './snapshots/snapshot-findings.ts';
import { targetOf } from './target.ts';

export interface PlanningRequest extends PrepareRequest, PlanOptions {
  readonly target: TargetRequest;
}

/**
 * Everything up to the plan of a deploy. Reads and dry runs only.
 *
 * @throws DeployError `invalid` or `refused` with all findings: of inputs, manifests and the cluster.
 */
export async function planDeploy(request: PlanningRequest, host: Host, signal: AbortSignal): Promise<Planned> {
  const { application } = request.config;
  const namespace = request.namespace ?? request.config.namespace;
  const surroundings = createSurroundings(request.resolve, host, signal);
  const looking = during('Looking around in the cluster', host, () =>
    orFindings(lookAt(request.target, surroundings, application, namespace, signal)),
  );
  const [prepared, view] = await Promise.all([
    prepare(request, surroundings, askingAfter(looking, namespace, host), signal),
    looking,
  ]);
  if ('findings' in view) {
    host.emit({ type: 'inputs', inputs: prepared.inputs });
    const found = [...prepared.findings, ...finish(prepared, request, namespacedBy(prepared.manifests)).findings];
    throw invalid(together(found, view.findings));
  }
  const { cluster } = view;
  const ecr = createEcrImages(surroundings.aws);
  const folder = request.config.origin === 'file' ? request.config.directory : request.resolve.cwd;
  try {
    host.emit({ type: 'target', target: targetFrom(prepared, view) });
    host.emit({ type: 'inputs', inputs: prepared.inputs });
    let committed: ReturnType<typeof commitOf> | undefined;
    let snapshots: ReturnType<typeof snapshotFindings> | undefined;
    const desiredIn = async ({ target, view: { ledger } }: Whereabouts): Promise<Desired> => {
      const discovery = await cluster.discovery(signal);
      const byManifests = namespacedBy(prepared.manifests);
      const { addons } = request.config;
      const all = servedAddons(prepared.manifests, addons, discovery);
      // An add-on that is left out has changed no workload either.
      const served =
        all.leftOut.size === 0
          ? all
          : { ...all, manifests: servedAddons(prepared.without(all.leftOut), addons, discovery).manifests };
      const beside = await besideOthers(served.manifests, request.config, cluster, signal);
      const finished = finish(
        { ...prepared, manifests: beside.manifests },
        request,
        (manifest) => discovery.find(manifest.ref)?.namespaced ?? byManifests(manifest),
      );
      const { pullSecret = request.config.imagePullSecret } = request.images ?? {};
      snapshots ??= snapshotFindings(finished.manifests, { addons, identity: cluster.identity, surroundings }, signal);
      const [completed, ofSnapshots] = await Promise.all([
        completeImages(
          withoutReported(withNamespace(finished.manifests, target), [...prepared.findings, ...finished.findings]),
          { cluster, ecr, place: prepared, pullSecret },
          signal,
        ),
        snapshots,
      ]);
      const secretValues = [...prepared.secretValues, ...completed.secretValues];
      host.protect(
        redactorOf(secretValues, () => namesOf(completed.manifests, prepared.application, prepared.namespace)),
      );
      return {
        action: 'up',
        runsHooks: true,
        manifests: completed.manifests,
        inputs: prepared.inputs.map(recordedInput),
        secretValues,
        overrides: [],
        findings: [
          ...cluster.identity.warnings,
          ...prepared.findings.filter((finding) => !isIdle(finding, cluster)),
          ...served.findings,
          ...beside.findings,
          ...ofSnapshots,
          ...(await withoutPresent(finished.findings, cluster, signal)),
          ...completed.findings,
          ...overrideFindings(ledger.latest, completed.manifests),
        ],
        commit: (later) => (committed ??= commitOf(folder, request.resolve.env, later)),
      };
    };
    return await during(planning, host, () =>
      planView(view, (now) => targetFrom(prepared, now), desiredIn, request, signal),
    );
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/**
 * Connects and looks around.
 *
 * @throws DeployError `refused` where the cluster can't be reached or doesn't let us.
 */
async function lookAt(
  request: TargetRequest,
  surroundings: Surroundings,
  application: string,
  namespace: string,
  signal: AbortSignal,
): Promise<View> {
  const cluster = await openTarget(request, surroundings, signal);
  try {
    return await viewOf({ cluster, application, namespace }, signal, forbiddenLedger);
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/** Who may not read the records lacks more, perhaps: the plan goes on, and tells all of it. */
function forbiddenLedger(error: unknown): Ledger {
  if (!isForbidden(error)) throw error;
  return { ...emptyLedger, findings: [forbiddenFinding(error)] };
}

function targetFrom(prepared: Prepared, { cluster, facts, ledger }: View): Target {
  return targetOf(prepared, cluster, facts, ledger.releases[0]);
}

function recordedInput({ name, value, secret, source }: Input): RecordedInput {
  return { name, secret, source, ...(secret ? {} : { value }) };
}

/** More findings among the others, so that a wrong password and a wrong cluster are told in one go. */
async function orFindings(looking: Promise<View>): Promise<View | { readonly findings: readonly Finding[] }> {
  try {
    return await looking;
  } catch (error) {
    if (!(error instanceof DeployError) || (error.code !== 'refused' && error.code !== 'invalid')) throw error;
    if (error.findings.length > 0) return { findings: error.findings };
    const evidence = error.why === undefined ? [] : [error.why];
    const fix = error.fix ?? 'Check the network, and which cluster is meant: --cluster, --context.';
    return { findings: [errorFinding('cluster/unreachable', error.message, fix, { evidence })] };
  }
}

/** Terraform and AWS are asked once, and both sides tell what is wrong with them: what stops the target is told there. */
function together(ofInputs: readonly Finding[], ofTarget: readonly Finding[]): readonly Finding[] {
  const isSame = (one: Finding, other: Finding): boolean => one.id === other.id && one.cause === other.cause;
  const stops = errorsOf(ofTarget);
  const others = ofInputs.filter((one) => !stops.some((other) => isSame(one, other)));
  const stopped = ofTarget.filter((one) => !others.some((other) => isSame(one, other)));
  return [
    ...others,
    ...stopped.map((one) =>
      withEvidence(
        one,
        ofInputs.filter((other) => isSame(one, other)),
      ),
    ),
  ];
}

/** What both are needed for. */
function withEvidence(finding: Finding, others: readonly Finding[]): Finding {
  return { ...finding, evidence: [...new Set([finding, ...others].flatMap(({ evidence }) => evidence))] };
}

/** Nobody types a password for a cluster that can't be reached, or without knowing for which one. */
function askingAfter(looking: ReturnType<typeof orFindings>, namespace: string, host: Host): Host {
  let isSaid = false;
  return {
    ...host,
    async text(question, signal) {
      const view = await looking;
      if ('findings' in view) throw invalid(view.findings);
      const { name, server } = view.cluster;
      if (!isSaid)
        host.emit({ type: 'step', name: 'target', message: `For ${name} (${server}), namespace ${namespace}:` });
      isSaid = true;
      return host.text(question, signal);
    },
  };
}

/** What AWS didn't answer, and nothing needs: a sandbox is no part of AWS. */
function isIdle({ id, severity }: Finding, { identity }: View['cluster']): boolean {
  return identity.isSandbox && severity === 'warning' && id.startsWith('aws/');
}

/** What manifests lack may be in the cluster: somebody else deploys it. One that may not be read is warned of. */
async function withoutPresent(
  findings: readonly Finding[],
  cluster: View['cluster'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const look = async (finding: Finding): Promise<readonly Finding[]> => {
    const { lacks } = finding;
    if (lacks === undefined) return [finding];
    try {
      const live = await cluster.get(lacks, signal);
      if (live !== undefined) return [];
      const proof = `it isn't in namespace ${lacks.namespace ?? ''}, either`;
      return [{ ...finding, evidence: [...finding.evidence, proof] }];
    } catch (error) {
      if (isForbidden(error)) return [finding];
      throw error;
    }
  };
  return (await Promise.all(findings.map(look))).flat();
}

/** A duplicate, a name that no URL leads to, or a namespace that can't be meant was reported already; a dry run would only repeat or contradict it. */
function withoutReported(manifests: readonly Manifest[], findings: readonly Finding[]): readonly Manifest[] {
  const duplicates = findings.filter(({ id }) => id === 'manifests/duplicate');
  const misnamed = new Set(
    findings.flatMap(({ id, object }) => (id === 'syntax/name' && object !== undefined ? [refKey(object)] : [])),
  );
  const misplaced = findings.find(({ id }) => id === 'manifests/namespace')?.object?.namespace;
  return manifests.filter(
    ({ origin, ref }) =>
      !misnamed.has(refKey(ref)) &&
      (misplaced === undefined || ref.namespace !== misplaced) &&
      !duplicates.some((finding) => finding.origin?.file === origin.file && finding.origin.line === origin.line),
  );
}
