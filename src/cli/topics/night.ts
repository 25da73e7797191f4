import type { Topic } from './topic.ts';

/** What to type when it goes wrong. */
export const nightTopic: Topic = {
  lead: 'A deploy went wrong, and it must be good again.',
  tables: [
    {
      head: ['what happened', 'what to type'],
      rows: [
        [
          'the deploy failed, or what it deployed is bad',
          'oms-deploy history, then oms-deploy rollback (everything, ConfigMaps too) or oms-deploy rollout undo <workload> (this pod template alone). Exit 0 means that everything is ready; oms-deploy status shows it',
        ],
        [
          'CI was killed in the middle',
          'run the job again, with the same inputs, or oms-deploy rollback: it waits up to 16 s for the lock that was left, and takes it over',
        ],
        ['exit code 7', 'wait: --lock-timeout 10m; if that run hangs: oms-deploy unlock'],
        [
          'a password was rotated by hand',
          'change the input, too, else the next up undoes it; oms-deploy rollout restart <workload> for pods that have read the old one',
        ],
        ["pods don't get ready", 'oms-deploy doctor, oms-deploy logs <workload> --previous'],
      ],
    },
  ],
};
