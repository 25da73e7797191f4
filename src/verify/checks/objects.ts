import { hookOf } from '../../manifests/hooks.ts';
import { countOf } from '../../model/age.ts';
import { type Check, problemOf } from '../check.ts';

/** Every object of the manifests is there, and stays. */
export const objectsCheck: Check = {
  id: 'objects/present',
  summary: 'every object of the manifests exists',
  commands: ['verify', 'doctor'],
  needs: [],
  run({ declared, world, unread }) {
    const known = declared.filter(({ ref }) => world.isKnown(ref.kind));
    // A hook's Job comes and goes with its runs.
    const missing = known.filter(({ ref, body }) => world.get(ref) === undefined && hookOf(body) === undefined);
    const ending = known.filter(({ ref }) => world.get(ref)?.metadata.deletionTimestamp !== undefined);
    const skipped = [...new Set(declared.filter(({ ref }) => unread.has(ref.kind)).map(({ ref }) => ref.kind))];
    return {
      passed:
        `${countOf(known.length, 'object')} of the manifests ${known.length === 1 ? 'exists' : 'exist'}` +
        (skipped.length > 0 ? ` (${skipped.join(', ')} could not be read)` : ''),
      findings: [
        ...missing.map(({ ref }) => problemOf('objects/missing', ref, 'does not exist', 'Deploy it: oms-deploy up.')),
        ...ending.map(({ ref }) => {
          const finalizers = world.get(ref)?.metadata.finalizers;
          const held = Array.isArray(finalizers) ? [`finalizers: ${finalizers.join(', ')}`] : [];
          return problemOf('objects/deleted', ref, 'is being deleted', 'Wait until it is gone, then deploy it.', held);
        }),
      ],
    };
  },
};
