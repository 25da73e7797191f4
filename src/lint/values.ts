import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { findManifest, type LintFacts, manifestsOf } from './facts.ts';
import { entriesAt } from './walk.ts';

/** A named value that programs read: a variable of a container, or a key of a ConfigMap. */
export interface NamedValue {
  readonly manifest: Manifest;
  readonly path: string;
  readonly name: string;
  /** Its text, a ConfigMap's key of the manifests read; undefined where it comes from elsewhere. */
  readonly value: string | undefined;
  /** It stands here itself, and not in a ConfigMap that is read. */
  readonly isOwn: boolean;
  /** The container of a variable. */
  readonly container?: string;
}

/** The variables of all containers. */
export function variablesOf(facts: LintFacts): readonly NamedValue[] {
  return facts.pods.flatMap(({ manifest, containers }) =>
    containers.flatMap(({ container, name: of, path }) =>
      arrayOf(container.env).map((entry, index) => {
        const own = stringOf(at(entry, 'value'));
        const ref = objectOf(at(entry, 'valueFrom', 'configMapKeyRef'));
        const { namespace = '' } = manifest.ref;
        const config = findManifest(facts, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace,
          name: stringOf(ref.name) ?? '',
        });
        const value = own ?? stringOf(at(config?.body, 'data', stringOf(ref.key) ?? ''));
        const name = stringOf(at(entry, 'name')) ?? '';
        return { manifest, path: `${path}.env[${index}]`, name, value, isOwn: own !== undefined, container: of };
      }),
    ),
  );
}

/** The keys of all ConfigMaps. */
export function configValuesOf(facts: LintFacts): readonly NamedValue[] {
  return manifestsOf(facts, '', 'ConfigMap').flatMap((manifest) =>
    entriesAt(manifest.body.data, 'data').map(({ key, path, value }) => ({
      manifest,
      path,
      name: key,
      value: stringOf(value),
      isOwn: true,
    })),
  );
}
