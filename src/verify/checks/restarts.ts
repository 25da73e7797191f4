import { podsOf } from '../../kinds/index.ts';
import { containersOf, placeOf } from '../../kinds/pods/containers.ts';
import { countOf, formatSpan } from '../../model/age.ts';
import { refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { liveWorkloads } from '../facts.ts';

const recentMs = 10 * 60_000;

/** No container was started again in the last ten minutes. */
export const restartsCheck: Check = {
  id: 'pods/restarts',
  summary: 'no container has restarted in the last 10 minutes',
  commands: ['verify', 'doctor'],
  needs: ['Pod'],
  run({ world, ...facts }) {
    return {
      passed: 'no container has restarted in the last 10 min',
      findings: liveWorkloads({ ...facts, world })
        .filter(({ kind }) => kind !== 'Job')
        .flatMap((live) => {
          const recent = podsOf(live, world)
            .flatMap(containersOf)
            .filter(({ restarts, ended }) => restarts > 0 && world.nowMs - (ended?.finishedMs ?? 0) < recentMs);
          if (recent.length === 0) return [];
          const evidence = recent.slice(0, 3).map((container) => {
            const ago = formatSpan(world.nowMs - (container.ended?.finishedMs ?? world.nowMs));
            const reason = container.ended?.reason ?? '';
            return `${placeOf(container)}: ${countOf(container.restarts, 'restart')}, the last ${ago} ago: exit code ${container.ended?.exitCode ?? 0}${reason === '' ? '' : ` (${reason})`}`;
          });
          const name = live.metadata.name ?? '';
          const fix = `Read its log before the restart: oms-deploy logs ${name} --previous.`;
          const restarted = `has ${countOf(recent.length, 'container')} that restarted in the last 10 min`;
          return [problemOf('pods/restarts', refOf(live), restarted, fix, evidence)];
        }),
    };
  },
};
