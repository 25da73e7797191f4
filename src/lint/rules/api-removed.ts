import { retirementOf } from '../api-versions.ts';
import type { Rule } from '../rule.ts';

export const apiRemoved: Rule = {
  id: 'api/removed',
  severity: 'error',
  summary: 'the apiVersion is no longer served by the version of Kubernetes that is meant (`--kubernetes-version`)',
  fix: 'Leave it out.',
  leftTo: 'server',
  run: ({ manifests, minor }) =>
    manifests.flatMap((manifest) => {
      const { apiVersion, kind } = manifest.ref;
      const end = retirementOf(apiVersion, kind);
      if (end === undefined || minor < end.removed) return [];
      const cause = `is of ${apiVersion}, which Kubernetes 1.${minor} doesn't serve: it ended with 1.${end.removed}`;
      const fix =
        end.instead === undefined
          ? 'Leave it out: nothing takes its place.'
          : `Write apiVersion: ${end.instead}, and compare its fields.`;
      return [{ manifest, path: 'apiVersion', cause, fix }];
    }),
};
