/** The topics of `help`, with what each is about: the names alone, for the help that lists them. */
export const topicNames = {
  'exit-codes': 'how a command ended',
  environment: 'the variables that are read',
  placeholders: 'what is filled in manifests',
  sources: 'where values of inputs come from',
  waves: 'the order in which objects are applied',
  ready: 'when a rollout is ready, and when it fails',
  night: 'what to type when it went wrong',
  rights: 'what a deploy must be allowed',
} as const;

export type TopicName = keyof typeof topicNames;

export function isTopic(word: string): word is TopicName {
  return Object.hasOwn(topicNames, word);
}
