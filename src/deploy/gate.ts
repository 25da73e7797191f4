import type { Cluster } from '../cluster/cluster.ts';
import { pause } from '../cluster/retry.ts';
import { DeployError, restated } from '../errors.ts';
import { during, type Host } from '../events.ts';
import { isExternalSecret } from '../manifests/written-secrets.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import { type Change, keptOf, type Plan } from '../model/plan.ts';
import { isAwaited, type Prerequisites } from './prerequisites.ts';
import { isJudged, type Patience } from './tracking.ts';
import { waitUntilReady } from './wait.ts';

/** How long a deploy may still wait: all of its waits share one limit. */
export interface Limit {
  readonly leftMs: () => number;
  /** Runs a wait, whose time counts. */
  readonly spend: <T>(wait: () => Promise<T>) => Promise<T>;
}

/** A limit for all waits of a deploy, in milliseconds; what is applied between them takes nothing from it. */
export function limitOf(timeoutMs: number): Limit {
  let spentMs = 0;
  return {
    leftMs: () => Math.max(timeoutMs - spentMs, 1_000),
    async spend(wait) {
      const startedMs = performance.now();
      try {
        return await wait();
      } finally {
        spentMs += performance.now() - startedMs;
      }
    },
  };
}

/** What the waits of a deploy have in common. */
export interface Waits {
  readonly patience: Patience;
  readonly limit: Limit;
  readonly cluster: Cluster;
  readonly host: Host;
}

/** Opened before the changes of a step are applied: it waits for what they need, and for that alone. */
export type Gate = (next: readonly Change[], applied: ReadonlyMap<string, KubernetesObject>) => Promise<void>;

/**
 * Makes the gate of a plan. Every object is waited for once.
 *
 * @throws DeployError (of the gate) `failed` or `timeout`, as a wait.
 */
export function gateOf(plan: Plan, prerequisites: Prerequisites, waits: Waits, signal: AbortSignal): Gate {
  const changes = new Map(keptOf(plan).map((change) => [refKey(change.manifest.ref), change]));
  const passed = new Set<string>();
  const { patience, limit, cluster, host } = waits;
  // What a ready object warns of is said by the last wait, which looks at all of them.
  const quiet: Host = {
    ...host,
    emit(event) {
      if (event.type !== 'finding') host.emit(event);
    },
  };
  return async (next, applied) => {
    const needed = new Map<string, Manifest>();
    for (const change of next) {
      for (const one of prerequisites(change.manifest).filter(isAwaited)) {
        const key = refKey(one.ref);
        const isNew = changes.get(key)?.op !== 'unchanged' || change.definition !== undefined;
        // A Secret that its store doesn't give is waited for although the deploy leaves it as it is.
        if (!passed.has(key) && (isNew || isExternalSecret(one))) needed.set(key, one);
      }
    }
    const manifests = [...needed.values()].filter(isJudged);
    const since = cluster.now();
    if (manifests.length > 0) {
      const appliedMs = ({ ref }: Manifest) => (applied.has(refKey(ref)) ? since : undefined);
      const request = { ...patience, manifests, appliedMs, timeoutMs: limit.leftMs() };
      await limit.spend(() => waitUntilReady(request, cluster, quiet, signal));
    }
    const defined = next.filter(({ definition }) => definition !== undefined).map(({ manifest }) => manifest.ref);
    if (defined.length > 0) {
      const kinds = [...new Set(defined.map(({ kind }) => kind))].join(', ');
      await during(`Waiting until the API server serves ${kinds}`, host, () =>
        limit.spend(() => untilServed(defined, cluster, signal)),
      );
    }
    for (const key of needed.keys()) passed.add(key);
  };
}

/** An established kind is served at once, but the API server tells it a moment later. */
const servedMs = 30_000;
const pollMs = 250;

async function untilServed(refs: readonly ObjectRef[], cluster: Cluster, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const discovery = await cluster.rediscover(signal);
    const missing = refs.find((ref) => discovery.find(ref) === undefined);
    if (missing === undefined) return;
    if (performance.now() - startedMs > servedMs) {
      throw new DeployError(
        'timeout',
        `The kind of ${formatRef(missing)} is defined, and the API server does not serve it.`,
        {
          why: `It has not told ${missing.apiVersion} ${missing.kind} within 30 s.`,
          fix: 'Look at the conditions of its definition: oms-deploy doctor. Then run the same command again.',
        },
      );
    }
    await pause(pollMs, signal);
  }
}

/** The error of a wait in the middle, with the waves that were not begun. */
export function withNotBegun(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof DeployError) || names.length === 0) return error;
  const notBegun = `Not begun: ${names.join(', ')}.`;
  return restated(error, { why: error.why === undefined ? notBegun : `${error.why} ${notBegun}` });
}
