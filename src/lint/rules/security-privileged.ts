import { at } from '../../model/json.ts';
import type { Rule } from '../rule.ts';

export const securityPrivileged: Rule = {
  id: 'security/privileged',
  severity: 'warning',
  summary: 'a container is privileged',
  fix: 'Take privileged away, and add the one capability that the program needs.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, containers }) =>
      containers
        .filter(({ container }) => at(container, 'securityContext', 'privileged') === true)
        .map(({ name, path }) => ({
          manifest,
          path: `${path}.securityContext.privileged`,
          cause: `runs container ${name} privileged: whoever gets into it has the node`,
        })),
    ),
};
