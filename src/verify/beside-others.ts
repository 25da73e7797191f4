import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import type { Config } from '../config/schema.ts';
import { isPartOf } from '../manifests/stamp.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type ObjectRef, refKey } from '../model/object.ts';

/** The manifests without those that somebody else's objects stand for, and what is to be said of that. */
export interface BesideOthers {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/**
 * Looks for objects of others that make an add-on needless, or that it has in common with them. What this application has
 * deployed itself is no such object. Nothing is asked where no add-on that is on speaks of any.
 */
export async function besideOthers(
  manifests: readonly Manifest[],
  { addons, application }: Pick<Config, 'addons' | 'application'>,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<BesideOthers> {
  const isForeign = async (ref: ObjectRef): Promise<boolean> => {
    const live = await cluster.get(ref, signal).catch((error: unknown) => {
      // Who may not read it may not deploy beside it either, and hears of that with all other rights.
      if (isForbidden(error)) return undefined;
      throw error;
    });
    return live !== undefined && !isPartOf(live, application);
  };
  const used = Object.entries(addons).filter(
    ([name, { state }]) => state !== 'off' && manifests.some(({ addon }) => addon === name),
  );
  const judged = await Promise.all(
    used.map(async ([name, { unless = [], shared = [] }]) => {
      const [instead, left] = await Promise.all([
        filterAsync(unless, ({ object }) => isForeign(object)),
        filterAsync(shared, isForeign),
      ]);
      return { name, instead, left: new Set(left.map(refKey)) };
    }),
  );
  const isLeftOut = ({ addon, ref }: Manifest): boolean =>
    judged.some(({ name, instead, left }) => name === addon && (instead.length > 0 || left.has(refKey(ref))));
  return {
    manifests: judged.length === 0 ? manifests : manifests.filter((one) => !isLeftOut(one)),
    findings: judged.flatMap(({ name, instead: [first] }) => (first === undefined ? [] : [alreadyThere(name, first)])),
  };
}

function alreadyThere(
  addon: string,
  { object, because }: { readonly object: ObjectRef; readonly because: string },
): Finding {
  return {
    id: 'addons/there-already',
    severity: 'info',
    object,
    cause: `The add-on ${addon} brings nothing: ${formatRef(object)} is there already, and ${because}.`,
    evidence: [],
    fix: 'Leave it so, or delete that to have the add-on in its place.',
  };
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const passed = await Promise.all(items.map(test));
  return items.filter((_, index) => passed[index] === true);
}
