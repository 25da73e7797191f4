import { arrayOf, at, type Json } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type LintFacts, manifestsOf } from './facts.ts';
import { entriesAt, type Place } from './walk.ts';

/** A quantity, and where it stands. */
export interface Amount extends Place {
  readonly manifest: Manifest;
  readonly name: string;
}

/** Every quantity of the manifests: resources, quotas, ranges, claims, memory-backed volumes. */
export function amountsOf(facts: LintFacts): readonly Amount[] {
  const pods = facts.pods.flatMap(({ manifest, spec, path, containers }) => [
    ...containers.flatMap((one) => resourcesAt(manifest, at(one.container, 'resources'), `${one.path}.resources`)),
    ...arrayOf(spec.volumes).flatMap((volume, index) => {
      const value = at(volume, 'emptyDir', 'sizeLimit');
      return value === undefined
        ? []
        : [{ manifest, name: 'sizeLimit', path: `${path}.volumes[${index}].emptyDir.sizeLimit`, value }];
    }),
  ]);
  const quotas = manifestsOf(facts, '', 'ResourceQuota').flatMap((manifest) =>
    amountsAt(manifest, at(manifest.body, 'spec', 'hard'), 'spec.hard'),
  );
  const ranges = manifestsOf(facts, '', 'LimitRange').flatMap((manifest) =>
    arrayOf(at(manifest.body, 'spec', 'limits')).flatMap((limit, index) =>
      ['max', 'min', 'default', 'defaultRequest'].flatMap((field) =>
        amountsAt(manifest, at(limit, field), `spec.limits[${index}].${field}`),
      ),
    ),
  );
  const claims = manifestsOf(facts, '', 'PersistentVolumeClaim').flatMap((manifest) =>
    resourcesAt(manifest, at(manifest.body, 'spec', 'resources'), 'spec.resources'),
  );
  return [...pods, ...quotas, ...ranges, ...claims];
}

function resourcesAt(manifest: Manifest, resources: Json | undefined, path: string): readonly Amount[] {
  return ['requests', 'limits'].flatMap((part) => amountsAt(manifest, at(resources, part), `${path}.${part}`));
}

function amountsAt(manifest: Manifest, value: Json | undefined, path: string): readonly Amount[] {
  return entriesAt(value, path).map(({ key, ...place }) => ({ manifest, name: key, ...place }));
}
