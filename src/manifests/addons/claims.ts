import { arrayOf, at, type JsonObject } from '../../model/json.ts';
import type { Application } from './application.ts';

/** Whether the application keeps data on volumes: `exist`. */
export function claimsOf({ manifests, namespace }: Application): JsonObject {
  const exist = manifests.some(
    ({ ref, body }) =>
      ref.namespace === namespace &&
      (ref.kind === 'PersistentVolumeClaim' || arrayOf(at(body, 'spec', 'volumeClaimTemplates')).length > 0),
  );
  return { exist };
}
