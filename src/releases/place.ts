import type { Cluster } from '../cluster/cluster.ts';
import type { ObjectRef } from '../model/object.ts';

/** Where the releases of one application are kept: in the namespace that it is deployed to. */
export interface Place {
  readonly cluster: Cluster;
  readonly application: string;
  readonly namespace: string;
}

/** The type of the Secrets that hold releases. */
export const releaseType = 'oms-deploy.io/release';

export const labels = {
  application: 'oms-deploy.io/application',
  /** `release` for the head of a record, `part` for what doesn't fit into it, `key` for the key of its secrets. */
  record: 'oms-deploy.io/record',
  release: 'oms-deploy.io/release',
  status: 'oms-deploy.io/status',
} as const;

/** On the head of a record. */
export const annotations = {
  /** What the list of releases shows, as JSON. */
  summary: 'oms-deploy.io/summary',
  /** How many Secrets the record is in. */
  parts: 'oms-deploy.io/parts',
} as const;

/** Where records are. */
export const secrets = { apiVersion: 'v1', kind: 'Secret' } as const;

/** The Secret with the head of a release's record. */
export function headRef(place: Place, number: number): ObjectRef {
  return secretRef(place, `v${number}`);
}

/** The Secret with one more part of it, counted from 1. */
export function partRef(place: Place, number: number, part: number): ObjectRef {
  return secretRef(place, `v${number}.${part}`);
}

/** The Secret with the key of what is secret in records. */
export function keyRef(place: Place): ObjectRef {
  return secretRef(place, 'key');
}

/** The Lease that one deploy at a time holds. */
export function leaseRef({ application, namespace }: Place): ObjectRef {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: `oms-deploy.${application}` };
}

function secretRef({ application, namespace }: Place, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name: `oms-deploy.${application}.${name}` };
}
