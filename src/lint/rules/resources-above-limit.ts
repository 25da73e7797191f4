import { at } from '../../model/json.ts';
import { parseQuantity } from '../../model/quantity.ts';
import type { Rule } from '../rule.ts';
import { entriesAt } from '../walk.ts';

export const resourcesAboveLimit: Rule = {
  id: 'resources/above-limit',
  severity: 'error',
  summary: 'a container requests more than its limit',
  fix: 'Raise the limit, or lower the request.',
  leftTo: 'server',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, containers }) =>
      containers.flatMap(({ container, name, path }) =>
        entriesAt(at(container, 'resources', 'requests'), `${path}.resources.requests`).flatMap((entry) => {
          const [request, limit] = [
            parseQuantity(entry.value),
            parseQuantity(at(container, 'resources', 'limits', entry.key)),
          ];
          if (request === undefined || limit === undefined || request <= limit) return [];
          return [
            { manifest, path: entry.path, cause: `requests more ${entry.key} in container ${name} than its limit` },
          ];
        }),
      ),
    ),
};
