import { textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isOpen } from '../../model/open.ts';
import type { Rule } from '../rule.ts';
import { scalarsIn } from '../walk.ts';

/** Nobody reads it: often the credentials never reach the program. */
export const configUnused: Rule = {
  id: 'config/unused',
  severity: 'warning',
  summary: 'nothing in the manifests names a ConfigMap or Secret',
  fix: 'Read it where it is needed (env, envFrom or a volume), or remove it.',
  run({ manifests, pods, isWhole }) {
    // Without any pods they are for those that are there already.
    if (!isWhole || pods.length === 0) return [];
    const texts = manifests.map((manifest) => ({ manifest, text: mentionsIn(manifest) }));
    return manifests
      .filter(({ ref }) => ref.apiVersion === 'v1' && (ref.kind === 'ConfigMap' || ref.kind === 'Secret'))
      .filter((manifest) => !isOpen(manifest.ref.name) && !isFoundOtherwise(manifest))
      .filter((manifest) => {
        const name = manifest.ref.name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
        const word = new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`);
        return !texts.some((other) => other.manifest !== manifest && word.test(other.text));
      })
      .map((manifest) => ({ manifest, path: 'metadata.name', cause: 'is read by no pod, and nothing else names it' }));
  },
};

/** All texts of an object but its own name and labels. */
function mentionsIn({ body: { metadata, ...rest } }: Manifest): string {
  const texts = [...scalarsIn(rest), ...scalarsIn(metadata.annotations)].map(({ value }) => textOf(value));
  return texts.join('\n');
}

/** Sidecars find it by a label (Grafana's dashboards), controllers by its type or an annotation. */
function isFoundOtherwise({ body: { metadata, type } }: Manifest): boolean {
  const isSwitch = Object.values(metadata.labels ?? {}).some((value) => /^(1|true|yes)$/i.test(value));
  return isSwitch || (typeof type === 'string' && type !== 'Opaque' && type !== 'kubernetes.io/tls');
}
