import { retirementOf } from '../api-versions.ts';
import type { Rule } from '../rule.ts';

export const apiDeprecated: Rule = {
  id: 'api/deprecated',
  severity: 'warning',
  summary: 'the apiVersion ends with a later version of Kubernetes',
  fix: 'Leave it out.',
  leftTo: 'server',
  run: ({ manifests, minor }) =>
    manifests.flatMap((manifest) => {
      const { apiVersion, kind } = manifest.ref;
      const end = retirementOf(apiVersion, kind);
      if (end === undefined || minor < end.deprecated || minor >= end.removed) return [];
      const cause = `is of ${apiVersion}, which ends with Kubernetes 1.${end.removed}`;
      const fix =
        end.instead === undefined
          ? 'Do without: nothing takes its place.'
          : `Write apiVersion: ${end.instead}, and compare its fields.`;
      return [{ manifest, path: 'apiVersion', cause, fix }];
    }),
};
