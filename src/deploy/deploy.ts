import type { Cluster } from '../cluster/cluster.ts';
import { type ConnectOptions, connect } from '../cluster/connect.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { kindOf } from '../kinds/index.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import { changesOf, countChanges, type Endpoint, type Plan } from '../model/plan.ts';
import { applyPlan } from './apply.ts';
import { readEndpoints } from './endpoints.ts';
import { foreignFindings } from './foreign.ts';
import { withNamespace } from './namespace.ts';
import { makePlan } from './plan.ts';
import { finish, invalid, type PrepareRequest, prepare } from './prepare.ts';
import { type ClusterFacts, namespaceFindings, readClusterFacts, targetOf } from './target.ts';
import { waitUntilReady } from './wait.ts';

export interface PlanningRequest extends PrepareRequest {
  readonly connect: ConnectOptions;
  readonly forceConflicts: boolean;
}

export interface DeployRequest extends PlanningRequest {
  /** Don't ask before changing something. */
  readonly yes: boolean;
  /** For the whole wait, in milliseconds. */
  readonly timeoutMs: number;
  readonly soakMs?: number | undefined;
  readonly tolerateRestarts?: number | undefined;
}

/** A plan and the cluster that it was made for. The caller closes the cluster. */
export interface Planned {
  readonly plan: Plan;
  readonly cluster: Cluster;
}

export interface Deployed {
  readonly plan: Plan;
  /** What ready objects warn of. */
  readonly warnings: readonly Finding[];
  readonly endpoints: readonly Endpoint[];
}

/**
 * The main job: target -> inputs -> render -> plan -> confirm -> apply -> wait. Until the confirmation nothing in the
 * cluster changes; after it, an error says how things were left.
 */
export async function deploy(request: DeployRequest, host: Host, signal: AbortSignal): Promise<Deployed> {
  const { plan, cluster } = await planDeploy(request, host, signal);
  try {
    host.emit({ type: 'plan', plan, isResult: false });
    const isIdle = !hasChanges(plan);
    if (!isIdle) await beforeFirstWrite(() => confirm(plan, request.yes, host, signal));
    const appliedMs = cluster.now();
    const applied = isIdle
      ? new Map<string, KubernetesObject>()
      : await afterFirstWrite(partly, () => applyPlan(plan, cluster, host, signal));
    const manifests = changesOf(plan).map(({ manifest }) => manifest);
    const live = new Map(changesOf(plan).map((change) => [change.manifest, change.live]));
    const changed = new Set(changesOf(plan).flatMap(({ op, manifest }) => (op === 'unchanged' ? [] : [manifest])));
    const wait = {
      ...request,
      manifests,
      appliedMs: (one: Manifest) => (changed.has(one) ? appliedMs : undefined),
      applied: (one: Manifest) => applied.get(refKey(one.ref)) ?? live.get(one),
    };
    const state = isIdle ? 'Nothing was changed.' : 'Everything was applied; pods go on starting.';
    const warnings = await afterFirstWrite(state, () => waitUntilReady(wait, cluster, host, signal));
    return { plan, warnings, endpoints: await readEndpoints(manifests, cluster, signal) };
  } finally {
    cluster.close();
  }
}

/**
 * Everything up to the plan. Reads and dry runs only.
 *
 * @throws DeployError `invalid` or `refused` with all findings: of inputs, manifests and the cluster.
 */
export async function planDeploy(request: PlanningRequest, host: Host, signal: AbortSignal): Promise<Planned> {
  const namespace = request.namespace ?? request.config.namespace;
  const looking = lookAt(request, namespace, signal);
  const asking = askingAfter(looking, namespace, host);
  const [prepared, view] = await Promise.all([prepare(request, asking, signal), looking]);
  if ('finding' in view) {
    host.emit({ type: 'inputs', inputs: prepared.inputs });
    throw invalid([
      ...prepared.findings,
      ...finish(prepared, request.config, isNamespacedByKind).findings,
      view.finding,
    ]);
  }
  const { cluster, facts } = view;
  try {
    const target = targetOf(prepared, cluster, facts);
    host.emit({ type: 'target', target });
    host.emit({ type: 'inputs', inputs: prepared.inputs });
    const discovery = await cluster.discovery(signal);
    const isNamespaced = (manifest: Manifest) =>
      discovery.find(manifest.ref)?.namespaced ?? isNamespacedByKind(manifest);
    const finished = finish(prepared, request.config, isNamespaced);
    const manifests = withNamespace(finished.manifests, target);
    const distinct = withoutDuplicates(manifests, finished.findings);
    const found = [...prepared.findings, ...finished.findings, ...namespaceFindings(target)];
    const tried = await makePlan({ ...request, target, manifests: distinct }, cluster, signal);
    const findings = [...found, ...tried.findings, ...foreignFindings(tried)];
    if (errorsOf(findings).length > 0) throw invalid(findings);
    return { plan: { ...tried, findings }, cluster };
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/** Nobody types a password for a cluster that can't be reached, or without knowing for which one. */
function askingAfter(looking: Promise<View>, namespace: string, host: Host): Host {
  let isSaid = false;
  return {
    ...host,
    async text(question, signal) {
      const view = await looking;
      if ('finding' in view) throw invalid([view.finding]);
      const { name, server } = view.cluster;
      if (!isSaid)
        host.emit({ type: 'step', name: 'target', message: `For ${name} (${server}), namespace ${namespace}:` });
      isSaid = true;
      return host.text(question, signal);
    },
  };
}

/** True if executing the plan would write anything. */
export function hasChanges(plan: Plan): boolean {
  const { created, updated, deleted } = countChanges(plan);
  return created + updated + deleted > 0;
}

/** Whether a kind lives in a namespace, without a cluster to ask. */
export function isNamespacedByKind({ ref }: Manifest): boolean {
  return kindOf(ref)?.namespaced ?? true;
}

/** The cluster and what it says of itself, or why it can't be reached. */
type View = { readonly cluster: Cluster; readonly facts: ClusterFacts } | { readonly finding: Finding };

async function lookAt(request: PlanningRequest, namespace: string, signal: AbortSignal): Promise<View> {
  try {
    const cluster = await connect(request.connect);
    return { cluster, facts: await readClusterFacts(cluster, namespace, signal) };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'refused') throw error;
    // One more finding among the others, so that a wrong password and a wrong cluster are told in one go.
    const evidence = error.why === undefined ? [] : [error.why];
    return {
      finding: errorFinding('cluster/unreachable', error.message, error.fix ?? 'Check the kubeconfig.', { evidence }),
    };
  }
}

/** A duplicate was reported already; its dry run would only repeat or contradict it. */
function withoutDuplicates(manifests: readonly Manifest[], findings: readonly Finding[]): readonly Manifest[] {
  const duplicates = findings.filter(({ id }) => id === 'manifests/duplicate');
  return manifests.filter(
    ({ origin }) =>
      !duplicates.some((finding) => finding.origin?.file === origin.file && finding.origin.line === origin.line),
  );
}

async function confirm(plan: Plan, yes: boolean, host: Host, signal: AbortSignal): Promise<void> {
  if (yes) return;
  const { created, updated } = countChanges(plan);
  const total = created + updated;
  const message = `Apply ${total === 1 ? 'this change' : `these ${total} changes`} to ${plan.target.cluster}?`;
  const agreed = await host.confirm({ type: 'confirm', message, flag: '--yes' }, signal);
  if (!agreed) throw new DeployError('declined', 'Nothing was changed.');
}

/** Who stops at the question wants to know that it was in time. */
async function beforeFirstWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'interrupted') throw error;
    throw new DeployError('interrupted', 'Interrupted. Nothing was changed.', { cause: error });
  }
}

const partly = 'Part of the plan may have been applied; pods go on starting.';

/**
 * After the first write, a cluster that refuses or goes away no longer means that nothing was changed. `state` is what
 * an interruption leaves.
 */
async function afterFirstWrite<T>(state: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    if (error.code === 'interrupted') {
      throw new DeployError('interrupted', `Interrupted. ${state}`, {
        fix: 'Run the same command again: it goes on where this one ended.',
        cause: error,
      });
    }
    if (error.code !== 'refused') throw error;
    throw new DeployError('failed', error.message, {
      why: [error.why, 'Part of the plan may have been applied.'].filter(Boolean).join(' '),
      fix: `${error.fix ?? ''} Then run the same command again: it goes on where this one ended.`.trim(),
      findings: error.findings,
      cause: error,
    });
  }
}
