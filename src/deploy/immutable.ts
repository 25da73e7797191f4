import { isObject, type Json } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { deleteCommand, isKubernetesObject, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import { type FieldChange, formatFieldChange } from '../model/plan.ts';
import { conceal } from './conceal.ts';
import { diffObjects } from './diff.ts';

/** How the API server says that a field can only be set once: selectors, Job templates, cluster IPs, claims. */
const phrases =
  /field is immutable|may not be changed in an update|pod updates may not change fields|may not change once set|is immutable after creation|updates to statefulset spec for fields other than/i;

/** Whether a refusal is about a field that can only be set when the object is made. */
export function isImmutable(message: string): boolean {
  return phrases.test(message);
}

/** What to do: an object with data or running pods isn't thrown away on the way. */
export function fixForImmutable(ref: ObjectRef): string {
  const { kind, name } = ref;
  const remove = deleteCommand(ref);
  if (kind === 'Job' || kind === 'Pod')
    return `Delete the ${kind}, then run the same command again: ${remove}. Or give each release a ${kind} of its own name, such as ${name}-\${image_tag}.`;
  if (kind === 'PersistentVolumeClaim') return 'Set it back. For another volume, add a claim with a new name.';
  if (kind === 'PriorityClass')
    return `Set it back, or delete it and run the same command again; pods that run keep their priority: ${remove}`;
  if (kind === 'StatefulSet')
    return `Set it back. To change it, make the StatefulSet anew and keep its pods and claims: ${remove} --cascade=orphan, then run the same command again.`;
  return `Set it back, or delete the object and run the same command again (what it serves is down meanwhile): ${remove}`;
}

const mostShown = 5;

/** What the manifest changes below the refused field, one line each: the server only dumps the whole new value. */
export function changedBelow(path: string, live: KubernetesObject, manifest: Manifest): readonly string[] {
  // The server can name another field than the one that was changed: `spec.clusterIPs[0]` for `spec.clusterIP`.
  const field = path.replace(/s?\[\d+\]$/, '');
  const shown = askedChanges(live, manifest).filter((change) => change.path.startsWith(field));
  const lines = shown.slice(0, mostShown).map((change) => formatFieldChange(change, 60));
  return shown.length > mostShown ? [...lines, `and ${shown.length - mostShown} more`] : lines;
}

/** What a manifest changes of what it speaks of, where no dry run can tell. */
export function askedChanges(live: KubernetesObject, manifest: Manifest): readonly FieldChange[] {
  const { body } = manifest;
  const known = project(live, body);
  return isKubernetesObject(known) ? conceal(diffObjects(known, body), manifest) : [];
}

/** Of the live object what the manifest speaks of: the server's defaults are no change. */
function project(live: Json | undefined, shape: Json | undefined): Json | undefined {
  if (isObject(live) && isObject(shape)) {
    return Object.fromEntries(Object.keys(shape).map((key) => [key, project(live[key], shape[key])]));
  }
  if (!Array.isArray(live) || !Array.isArray(shape)) return live;
  const [items, wanted] = [live as readonly Json[], shape as readonly Json[]];
  return items.map((item, index) => {
    const named = isObject(item) && item.name !== undefined;
    const twin = named ? wanted.find((other) => isObject(other) && other.name === item.name) : wanted[index];
    return project(item, twin) ?? null;
  });
}
