import { arrayOf, at, textOf } from '../../model/json.ts';
import type { Rule } from '../rule.ts';

export const securityHostPath: Rule = {
  id: 'security/host-path',
  severity: 'warning',
  summary: 'a volume is a folder of the node',
  fix: 'Use an emptyDir, a ConfigMap or a claim; data in a hostPath stays on its node.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, spec, path }) =>
      arrayOf(spec.volumes).flatMap((volume, index) => {
        if (at(volume, 'hostPath') === undefined) return [];
        const cause = `mounts ${textOf(at(volume, 'hostPath', 'path'))} of the node (volume ${textOf(at(volume, 'name'))})`;
        return [{ manifest, path: `${path}.volumes[${index}].hostPath`, cause }];
      }),
    ),
};
