import type { RelatedKind } from '../../src/kinds/kind.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import type { Outcome } from './replay.ts';
import type { Stage } from './stage.ts';

/** What happens in one stream. Objects of kinds with a namespace get one of the scenario's own. */
export interface Scenario {
  /** `deployment/failed-crash`: the folder and the name of its file, which begins with how it ends. */
  readonly id: string;
  /** What it shows, in one sentence. */
  readonly shows: string;
  /** What happened before the deploy. */
  readonly before?: (stage: Stage) => Promise<unknown>;
  /** What the deploy applies, in this order. The first one is judged. */
  readonly manifests: readonly [KubernetesObject, ...KubernetesObject[]];
  /** Kinds that the wait watches because of the other manifests. */
  readonly also?: readonly RelatedKind[];
  /** What happens besides, from the apply on. */
  readonly meanwhile?: (stage: Stage) => Promise<unknown>;
  /** Where it ends progressing: after so many seconds. */
  readonly seconds?: number;
  /** It disturbs the whole sandbox. */
  readonly alone?: boolean;
}

/** `deployment/failed-crash` ends failed. */
export function outcomeOf(id: string): Outcome {
  const [, outcome = ''] = /\/(ready|progressing|failed)-[a-z-]+$/.exec(id) ?? [];
  if (outcome !== 'ready' && outcome !== 'progressing' && outcome !== 'failed') {
    throw new Error(`The name of a stream is <kind>/<ready|progressing|failed>-<what>, not ${id}.`);
  }
  return outcome;
}
