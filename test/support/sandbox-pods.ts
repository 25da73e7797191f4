import assert from 'node:assert/strict';
import { arrayOf, at, isObject, type Json, type JsonObject, stringOf } from '../../src/model/json.ts';
import { eventually, type TestSandbox } from './sandbox.ts';

/** A container whose image has this tag. */
export function container(tag: string, name = 'app'): JsonObject {
  const keyRef = { configMapKeyRef: { name: 'settings', key: 'redis_endpoint' } };
  return { name, image: `registry.example/team/app:${tag}`, env: [{ name: 'REDIS', valueFrom: keyRef }] };
}

/** A pod `p-<tag>` of the service `svc-<tag>`: `app`, which behaves by its tag, and `proxy`, which just runs. */
export function pod(tag: string, more: { metadata?: JsonObject; spec?: JsonObject } = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p-${tag}`, labels: { app: `svc-${tag}` }, ...more.metadata },
    spec: { containers: [container(tag), container('1.0', 'proxy')], terminationGracePeriodSeconds: 60, ...more.spec },
  };
}

export function statusOf(pod: Json, name = 'app', list = 'containerStatuses'): Json | undefined {
  return arrayOf(at(pod, 'status', list)).find((one) => at(one, 'name') === name);
}

export function conditionOf(pod: Json, type: string): Json | undefined {
  const conditions = arrayOf(at(pod, 'status', 'conditions'));
  return at(
    conditions.find((one) => at(one, 'type') === type),
    'status',
  );
}

export const isReady = (pod: Json): boolean => conditionOf(pod, 'Ready') === 'True';
export const waits = (pod: Json, reason: string): boolean => at(statusOf(pod), 'state', 'waiting', 'reason') === reason;
export const text = (value: unknown): string => stringOf(value) ?? '';

/** Creates a pod and returns its path. */
export async function createPod(sandbox: TestSandbox, namespace: string, body: JsonObject): Promise<string> {
  const answer = await sandbox.request('POST', `/api/v1/namespaces/${namespace}/pods`, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return `/api/v1/namespaces/${namespace}/pods/${text(at(body, 'metadata', 'name'))}`;
}

/** Waits until the pod (or any object with a status) is as `matches` says. */
export function untilPod(sandbox: TestSandbox, path: string, matches: (pod: Json) => boolean): Promise<Json> {
  let last: Json = null;
  return eventually(
    async () => {
      last = (await sandbox.request('GET', path)).body;
      return matches(last) ? last : undefined;
    },
    () => `${path} stayed ${JSON.stringify(at(last, 'status'), undefined, 1)}`,
  );
}

/** Waits for an event of the pod whose `<reason>: <message>` matches, and that is as `more` says. */
export function untilEvent(
  sandbox: TestSandbox,
  path: string,
  pattern: RegExp,
  more: (event: JsonObject) => boolean = () => true,
): Promise<JsonObject> {
  const [, , , , namespace = '', , name = ''] = path.split('/');
  const query = `fieldSelector=involvedObject.name%3D${name}`;
  const line = (event: JsonObject): string => `${text(event['reason'])}: ${text(event['message'])}`;
  let seen: readonly JsonObject[] = [];
  return eventually(
    async () => {
      const answer = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/events?${query}`);
      seen = arrayOf(at(answer.body, 'items')).filter(isObject);
      return seen.find((event) => pattern.test(line(event)) && more(event));
    },
    () => `no event of ${path} matches ${String(pattern)}: ${JSON.stringify(seen, undefined, 1)}`,
  );
}
