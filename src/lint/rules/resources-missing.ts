import { at } from '../../model/json.ts';
import { adviceFor } from '../advice.ts';
import { manifestsOf } from '../facts.ts';
import type { ContainerPlace } from '../pods.ts';
import type { Rule } from '../rule.ts';

export const resourcesMissing: Rule = {
  id: 'resources/missing',
  severity: 'info',
  summary: 'containers say no requests for CPU or memory',
  fix: 'Set resources.requests.cpu and memory: pods are placed by them, and evicted first without.',
  run(facts) {
    const ranged = new Set(manifestsOf(facts, '', 'LimitRange').map(({ ref }) => ref.namespace));
    const bare = facts.pods.filter(
      ({ manifest, spec, containers }) =>
        !ranged.has(manifest.ref.namespace) &&
        at(spec, 'resources', 'requests') === undefined &&
        containers.some((one) => one.isLasting && isBare(one)),
    );
    return adviceFor(
      bare,
      ({ containers, path }) => containers.find(isBare)?.path ?? path,
      'says not what its containers need: there are no requests for CPU and memory',
    );
  },
};

function isBare({ container }: ContainerPlace): boolean {
  return ['cpu', 'memory'].some((resource) =>
    ['requests', 'limits'].every((part) => at(container, 'resources', part, resource) === undefined),
  );
}
