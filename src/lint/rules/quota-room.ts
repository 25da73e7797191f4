import { nothingThere } from '../../manifests/pod-counts.ts';
import { demandsOf, exceeds, formatAmount, needOf, silentIn } from '../../manifests/quota-demand.ts';
import { at, objectOf, textOf } from '../../model/json.ts';
import { parseQuantity } from '../../model/quantity.ts';
import { manifestsOf } from '../facts.ts';
import type { Flaw, Rule } from '../rule.ts';
import { below } from '../walk.ts';

export const quotaRoom: Rule = {
  id: 'quota/room',
  severity: 'error',
  summary:
    'a ResourceQuota of the manifests has no room for their pods (at the maximum of the HPAs with the surge of a rollout: a warning), or wants requests that containers do not say',
  fix: 'Raise the quota, or lower requests and replicas.',
  leftTo: 'preflight',
  run: (facts) =>
    manifestsOf(facts, '', 'ResourceQuota').flatMap((manifest): Flaw[] => {
      const { spec } = manifest.body;
      const { namespace = '' } = manifest.ref;
      if (at(spec, 'scopes') !== undefined || at(spec, 'scopeSelector') !== undefined) return [];
      const ranges = manifestsOf(facts, '', 'LimitRange').filter(({ ref }) => ref.namespace === namespace);
      const demands = demandsOf(
        facts.manifests,
        namespace,
        ranges.map(({ body }) => body),
        nothingThere,
      );
      return Object.entries(objectOf(at(spec, 'hard'))).flatMap(([name, text]): Flaw[] => {
        const free = parseQuantity(text);
        const first = needOf(name, demands, ({ counts }) => counts.first);
        const most = needOf(name, demands, ({ counts }) => counts.most);
        if (free === undefined || first === undefined || most === undefined || demands.length === 0) return [];
        const path = below('spec.hard', name);
        const line = (need: number): readonly string[] => [
          `${name}: needs ${formatAmount(name, need)}, and has ${textOf(text)}`,
        ];
        const silent = silentIn(name, demands, nothingThere);
        return [
          ...(exceeds(first, free)
            ? [{ manifest, path, cause: 'has no room for the plan', evidence: line(first) }]
            : []),
          ...(!exceeds(first, free) && exceeds(most, free)
            ? [
                {
                  manifest,
                  path,
                  severity: 'warning' as const,
                  cause: 'has no room for a rollout at the maximum of the HPAs',
                  evidence: line(most),
                },
              ]
            : []),
          ...(silent.length === 0
            ? []
            : [
                {
                  manifest,
                  path,
                  cause: 'refuses pods of the plan, because they do not say what it counts',
                  fix: 'Set these under resources of the containers, or add a LimitRange with defaults.',
                  evidence: silent,
                },
              ]),
        ];
      });
    }),
};
