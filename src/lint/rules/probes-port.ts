import { arrayOf, at } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import type { Rule } from '../rule.ts';

const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

export const probesPort: Rule = {
  id: 'probes/port',
  severity: 'error',
  summary: 'a probe names a port that its container lacks: it always fails',
  fix: 'Correct the name, or give the port of the container that name.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, containers }) =>
      containers.flatMap(({ container, name, path }) =>
        probes.flatMap((probe) =>
          ['httpGet', 'tcpSocket'].flatMap((way) => {
            const port = at(container, probe, way, 'port');
            const names = arrayOf(container.ports).map((one) => at(one, 'name'));
            if (typeof port !== 'string' || isOpen(port) || names.some((one) => one === port || isOpen(one))) return [];
            if (/^\d+$/.test(port)) return [];
            const cause = `asks port ${port} in the ${probe} of container ${name}, which has no port of that name`;
            return [{ manifest, path: `${path}.${probe}.${way}.port`, cause }];
          }),
        ),
      ),
    ),
};
