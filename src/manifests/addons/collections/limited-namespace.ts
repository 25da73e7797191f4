import type { Finding } from '../../../model/finding.ts';
import { formatRef } from '../../../model/object.ts';
import { namesIn } from '../../../model/text.ts';
import type { Application } from '../application.ts';
import { completedIn, limitsFor } from '../quota.ts';
import type { Collection } from './collection.ts';

/** The namespace of the application, once, with the limits of containers that say none. */
export const limitedNamespace: Collection = {
  name: 'limited-namespace',
  items: (application) => [{ namespace: { limits: limitsFor(application) } }],
  notes: notesOf,
};

/** A container without a limit has run with as much as it liked: with one it may be killed. */
function notesOf(application: Application): readonly Finding[] {
  const completed = completedIn(application);
  if (completed.length === 0) return [];
  const isLimited = completed.some(({ given }) => given.some(([name]) => name.startsWith('limits.')));
  const names = [...new Set(completed.map(({ manifest }) => formatRef(manifest.ref)))];
  const what = isLimited ? 'limits' : 'requests';
  return [
    {
      id: 'quota/defaults',
      severity: isLimited ? 'warning' : 'info',
      cause: `The LimitRange beside the quota gives ${what} to containers that say none, of ${namesIn(names)}.`,
      evidence: completed.map(
        ({ manifest, container, given }) =>
          `${formatRef(manifest.ref)}, container ${container}: ${given.map(([name, quantity]) => `${name} ${quantity}`).join(', ')}`,
      ),
      fix: 'Write resources.requests and resources.limits of your own where these do not fit: beyond its memory limit a container is killed, beyond its CPU limit it is slowed down.',
    },
  ];
}
