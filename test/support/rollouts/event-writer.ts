import type { KubernetesObject } from '../../../src/model/object.ts';
import type { TestSandbox } from '../sandbox.ts';
import { hashOf } from './random.ts';

export interface EventText {
  readonly reason: string;
  readonly message: string;
  readonly type?: 'Normal' | 'Warning';
}

/** Writes an event about an object, as controllers and kubelets do: what repeats is one event with a rising count. */
export type EventWriter = (about: KubernetesObject, text: EventText) => Promise<void>;

/** Makes the writer of one namespace. */
export function createEventWriter(sandbox: TestSandbox, namespace: string): EventWriter {
  const counts = new Map<string, number>();
  const path = `/api/v1/namespaces/${namespace}/events`;
  return async ({ kind, apiVersion, metadata }, { reason, message, type = 'Warning' }) => {
    const name = `${metadata.uid ?? ''}.${(hashOf(`${reason} ${message}`) >>> 0).toString(16)}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const lastTimestamp = new Date().toISOString();
    if (count > 1) {
      await sandbox.request('PATCH', `${path}/${name}`, { count, lastTimestamp }, 'application/merge-patch+json');
      return;
    }
    // The kubelet speaks of the first container, others of the whole object.
    const field = kind === 'Pod' && reason !== 'FailedScheduling' ? { fieldPath: 'spec.containers{app}' } : {};
    const who = { apiVersion, kind, name: metadata.name ?? '', namespace, uid: metadata.uid ?? '' };
    const body = { type, reason, message, count, firstTimestamp: lastTimestamp, lastTimestamp };
    const source = { component: 'test' };
    const involved = { involvedObject: { ...who, ...field } };
    const answer = await sandbox.request('POST', path, { metadata: { name, namespace }, ...involved, ...body, source });
    // The namespace may be on its way out when the rollout is over.
    if (answer.status !== 201 && answer.status !== 403 && answer.status !== 404) {
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  };
}
