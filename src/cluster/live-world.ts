import { DeployError } from '../errors.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';
import { type World, worldOf } from '../model/world.ts';
import type { Cluster } from './cluster.ts';
import type { Scope } from './lists.ts';
import { instanceKey, watchObjects } from './watch-objects.ts';

/** The objects of some scopes, kept up to date by one watch each. */
export interface LiveWorld {
  /** The objects as they are known now, on the API server's clock. */
  world(): World;
  /** Resolves once every scope has been listed for the first time. */
  readonly listed: Promise<void>;
  /** Kinds that may not be read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
  /** Ends with the signal; rejects where a scope that is `needed` may not be read. */
  readonly ended: Promise<void>;
}

export interface Followed extends Scope {
  /** Without it the caller can't go on; what isn't needed and may not be read is just unknown. */
  readonly needed: boolean;
}

export interface LiveWorldEvents {
  /** Something has changed. */
  changed(): void;
  /** This scope can't be read for the moment; `undefined`: it can again. */
  trouble(scope: Scope, error: DeployError | undefined): void;
}

/** Lists and watches the scopes until the signal fires. */
export function followWorld(
  cluster: Cluster,
  scopes: readonly Followed[],
  events: LiveWorldEvents,
  signal: AbortSignal,
): LiveWorld {
  const stores = scopes.map(() => new Map<string, KubernetesObject>());
  const unread = new Map<string, string>();
  let snapshot: World | undefined;
  const changed = (): void => {
    snapshot = undefined;
    events.changed();
  };
  const waiting = new Set(scopes);
  let allListed = (): void => undefined;
  const listed = new Promise<void>((resolve) => {
    allListed = resolve;
  });
  const settle = (scope: Followed): void => {
    waiting.delete(scope);
    if (waiting.size === 0) allListed();
  };
  const follow = async (scope: Followed, store: Map<string, KubernetesObject>): Promise<void> => {
    try {
      await watchObjects(
        cluster,
        scope,
        {
          listed(objects) {
            store.clear();
            for (const object of objects) store.set(instanceKey(object), object);
            settle(scope);
            changed();
          },
          changed(object) {
            store.set(instanceKey(object), object);
            changed();
          },
          deleted(object) {
            store.delete(instanceKey(object));
            changed();
          },
          trouble: (error) => events.trouble(scope, error),
        },
        signal,
      );
    } catch (error) {
      if (scope.needed || !(error instanceof DeployError) || error.code !== 'refused') throw error;
      unread.set(scope.kind, error.why ?? error.message);
      settle(scope);
      changed();
    }
  };
  const ended = Promise.all(scopes.map((scope, index) => follow(scope, stores[index] ?? new Map()))).then(
    () => undefined,
  );
  if (scopes.length === 0) allListed();
  return {
    world() {
      snapshot ??= worldOf(
        stores.flatMap((store) => [...store.values()]),
        0,
        new Set(unread.keys()),
      );
      return { ...snapshot, nowMs: cluster.now() };
    },
    listed,
    unread,
    ended,
  };
}

/** One scope per kind and namespace, whatever asked for it and in which version of its group. */
export function distinctScopes(scopes: readonly Followed[]): readonly Followed[] {
  const byKey = new Map<string, Followed>();
  for (const scope of scopes) {
    const key = [groupOf(scope.apiVersion), scope.kind, scope.namespace ?? ''].join('/');
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? scope : { ...known, needed: known.needed || scope.needed });
  }
  return [...byKey.values()];
}
