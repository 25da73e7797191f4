import { commands } from '../commands/index.ts';
import { environmentTopic } from './environment.ts';
import { exitCodesTopic } from './exit-codes.ts';
import { formatTopic } from './format.ts';
import type { TopicName } from './names.ts';
import { nightTopic } from './night.ts';
import { placeholdersTopic } from './placeholders.ts';
import { readyTopic } from './ready.ts';
import { rightsTopic } from './rights.ts';
import { sourcesTopic } from './sources.ts';
import type { Topic } from './topic.ts';
import { wavesTopic } from './waves.ts';

/** The topics of `help`; loaded when one is asked for. */
export const topics: Readonly<Record<TopicName, Topic>> = {
  'exit-codes': exitCodesTopic,
  environment: environmentTopic(commands),
  placeholders: placeholdersTopic,
  sources: sourcesTopic,
  waves: wavesTopic,
  ready: readyTopic,
  night: nightTopic,
  rights: rightsTopic,
};

/** What `help` prints of one. */
export function helpOn(name: TopicName): string {
  return formatTopic(topics[name]);
}
