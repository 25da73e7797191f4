import { isObject } from '../../model/json.ts';
import type { Rule } from '../rule.ts';

/** Less than this, and a slow node or a cold start is a restart loop. */
const shortestSeconds = 30;

export const probesStartup: Rule = {
  id: 'probes/startup',
  severity: 'warning',
  summary: `a liveness probe may kill a container within its first ${shortestSeconds} s, and no startup probe holds it back`,
  fix: 'Add a startupProbe, such as periodSeconds: 5 with failureThreshold: 24: the others wait for it.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, containers }) =>
      containers.flatMap(({ container, name, path }) => {
        const { livenessProbe: probe } = container;
        if (!isObject(probe) || container.startupProbe !== undefined) return [];
        const { initialDelaySeconds: delay = 0, periodSeconds: period = 10, failureThreshold: failures = 3 } = probe;
        if (typeof delay !== 'number' || typeof period !== 'number' || typeof failures !== 'number') return [];
        const seconds = delay + period * failures;
        if (seconds >= shortestSeconds) return [];
        const cause = `may never start: the liveness probe of container ${name} kills it after ${seconds} s, and there is no startup probe`;
        return [{ manifest, path: `${path}.livenessProbe`, cause }];
      }),
    ),
};
