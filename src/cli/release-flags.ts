import type { PruneOptions } from '../deploy/deletions.ts';
import type { OptionSpec, Options } from './command.ts';
import { isOn } from './options.ts';

/** Flags of the commands that make a release: asking, the lock, the wait, the history. */
export const releaseOptions: readonly OptionSpec[] = [
  { flags: '-y, --yes', description: 'do not ask before changing something' },
  {
    flags: '--timeout <duration>',
    description: 'how long to wait until workloads are ready, or what is deleted is gone (default: 10m)',
  },
  {
    flags: '--soak <duration>',
    description: 'how long ready pods must stay so (default: 10s where no readiness probe watches, else none)',
  },
  { flags: '--tolerate-restarts <n>', description: 'restarts of a container that are no failure (default: 2)' },
  {
    flags: '--lock-timeout <duration>',
    description:
      'how long to wait for another deploy of the same application to end (default: 0s, exit 7 once it is seen to be alive)',
  },
  {
    flags: '--lock-duration <duration>',
    description: 'how long the lock of a run that was killed keeps others waiting (default: 15s)',
  },
  { flags: '--history-limit <n>', description: 'how many releases are kept (default: 10)' },
];

/** Of the commands that look before they deploy. */
export const preflightOption: OptionSpec = {
  flags: '--skip-preflight [checks]',
  description: 'leave out checks before a deploy: all, or those of this list, such as quota/room,ingress/class',
};

/** Flags of what is deleted. */
export const pruneOptions: readonly OptionSpec[] = [
  { flags: '--no-prune', description: 'delete nothing that left the manifests' },
  {
    flags: '--prune-data',
    description: 'also delete claims, namespaces and CRDs that are to go, with what they hold (default: they stay)',
  },
];

/** What may be deleted, from the flags. */
export function pruneFrom(options: Options): PruneOptions {
  return { isOff: options['prune'] === false, withData: isOn(options, 'pruneData') };
}
