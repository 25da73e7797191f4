import { didYouMean } from '../../model/suggest.ts';
import { retirementOf } from '../api-versions.ts';
import type { Rule } from '../rule.ts';

export const manifestsUnknownKind: Rule = {
  id: 'manifests/unknown-kind',
  severity: 'error',
  summary: "a kind that a group of Kubernetes' own doesn't have, and that reads like one of them",
  fix: 'Correct apiVersion or kind.',
  leftTo: 'server',
  run: ({ manifests, fields }) =>
    manifests.flatMap((manifest) => {
      const { apiVersion, kind } = manifest.ref;
      if (fields === undefined || fields.typeOf(apiVersion, kind) !== undefined) return [];
      if (retirementOf(apiVersion, kind) !== undefined) return [];
      const near = didYouMean(kind, fields.kindsOf(apiVersion));
      // Others may be newer than what this program knows.
      return near === '' ? [] : [{ manifest, path: 'kind', cause: `is of no kind of ${apiVersion}`, fix: near }];
    }),
};
