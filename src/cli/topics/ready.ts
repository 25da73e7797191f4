import type { Topic } from './topic.ts';

/** When a rollout fails; see src/kinds/pods/. */
export const readyTopic: Topic = {
  lead: 'up waits until the controller of each object says that it is ready, and fails at the first signal that waiting can not change. When a signal is certain:',
  tables: [
    {
      head: ['signal', 'certain'],
      rows: [
        ['image name invalid; image not on the node with imagePullPolicy: Never', 'at once'],
        ["image not found in its registry, or not for the node's architecture", 'after 10 s, or the second time'],
        ['the registry refuses (401, 403)', 'after 60 s'],
        ['the registry is slow, overloaded or unreachable', 'never: it is said, and waited for'],
        ['a ConfigMap, Secret or key is missing', 'after 10 s'],
        ["the container can't be started", 'the second time'],
        [
          'the container ends',
          'the third time with the same exit code, the fourth with any; --tolerate-restarts sets another limit',
        ],
        ['killed for its memory', 'the second time'],
        ['no node takes the pod', 'after 60 s; never while a scale-up is on its way'],
        ['pod security that the namespace enforces refuses the pods', 'in the plan'],
        ['quota, a webhook or a missing ServiceAccount refuse pods', 'after 30 s'],
        ['somebody else changes the pod template meanwhile', 'at once'],
        ['the progress deadline has passed, for this change', 'at once'],
        ['a readiness or startup probe fails', 'never: it is said, and fails the deploy at --timeout'],
        ['a pod is evicted, preempted or loses its node', 'never: it is counted'],
      ],
    },
  ],
};
