import { strayPorts } from '../../manifests/service-ports.ts';
import { arrayOf, at } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import { manifestsOf } from '../facts.ts';
import { maySelect } from '../labels.ts';
import { podsWith } from '../pods.ts';
import type { Rule } from '../rule.ts';

export const servicePorts: Rule = {
  id: 'service/ports',
  severity: 'error',
  summary:
    'a Service leads to a port that no container of its pods has (by number: a warning, it may be open all the same)',
  fix: 'Correct targetPort, or the ports of the container.',
  run(facts) {
    return manifestsOf(facts, '', 'Service').flatMap((manifest) => {
      const { body, ref } = manifest;
      const pods = podsWith(facts.pods, ref.namespace, (labels) => maySelect(at(body, 'spec', 'selector'), labels));
      const containers = pods.flatMap(({ containers: all }) =>
        all.filter(({ isLasting }) => isLasting).map(({ container }) => container),
      );
      const isUnsure = containers.some(({ ports }) =>
        arrayOf(ports).some((port) => isOpen(at(port, 'name')) || isOpen(at(port, 'containerPort'))),
      );
      if (pods.length === 0 || isUnsure) return [];
      return strayPorts(body, containers)
        .filter(({ index }) => {
          const port = arrayOf(at(body, 'spec', 'ports'))[index];
          return !isOpen(at(port, 'targetPort')) && !isOpen(at(port, 'port'));
        })
        .map(({ index, cause, fix, evidence, isCertain }) => ({
          manifest,
          path: `spec.ports[${index}].targetPort`,
          ...{ cause, fix, evidence },
          ...(isCertain ? {} : { severity: 'warning' as const }),
        }));
    });
  },
};
