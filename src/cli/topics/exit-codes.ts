import type { Topic } from './topic.ts';

/** The numbers of src/errors.ts, in words. */
export const exitCodesTopic: Topic = {
  lead: 'How a command ended. With --output json the result has exitCode, and a failed one error.code, the name.',
  tables: [
    {
      head: ['exit code', 'name in JSON', 'meaning'],
      rows: [
        ['0', '', 'done'],
        ['1', '', 'a bug of oms-deploy'],
        ['2', 'usage', "wrong flags or set-up, a question that can't be asked, or output that can't be written"],
        ['3', 'invalid', 'configuration, inputs or manifests are invalid: nothing was changed'],
        [
          '4',
          'refused',
          "AWS or the cluster refused or can't be reached, or the namespace to look at doesn't exist: nothing was changed",
        ],
        ['5', 'failed', 'apply or rollout failed: the cluster may have changed, the message says how it was left'],
        ['6', 'timeout', 'not ready in time: what was applied stays'],
        ['7', 'locked', 'another deploy of the application holds the lock; nothing was changed'],
        ['8', 'declined', 'the question was answered with no: nothing was changed'],
        ['9', '', 'plan --detailed-exitcode found changes'],
        ['10', 'problems', 'verify or doctor found problems'],
        ['130', 'interrupted', 'Ctrl-C or SIGTERM: run the same command again, it goes on where this one ended'],
      ],
    },
  ],
};
