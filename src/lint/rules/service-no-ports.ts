import { arrayOf, at } from '../../model/json.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const serviceNoPorts: Rule = {
  id: 'service/no-ports',
  severity: 'error',
  summary: 'a Service without ports is neither headless nor an ExternalName',
  fix: 'Name its ports; where its pods listen on none, make it headless (clusterIP: None) or leave it out.',
  leftTo: 'server',
  run: (facts) =>
    manifestsOf(facts, '', 'Service')
      .filter(({ body }) => arrayOf(at(body, 'spec', 'ports')).length === 0)
      .filter(({ body }) => at(body, 'spec', 'clusterIP') !== 'None' && at(body, 'spec', 'type') !== 'ExternalName')
      .map((manifest) => ({
        manifest,
        path: 'spec.ports',
        cause: 'has no ports, and the API server refuses a Service without them: spec.ports: Required value',
      })),
};
