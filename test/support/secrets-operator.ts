import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ListScope } from '../../src/cluster/lists.ts';
import type { WatchEvent } from '../../src/cluster/watch.ts';
import { DeployError, systemCodeOf } from '../../src/errors.ts';
import { encodeStrict } from '../../src/inputs/redact.ts';
import { arrayOf, at, type JsonObject, objectOf, parseJsonObject, stringOf } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import type { TestSandbox } from './sandbox.ts';
import { connectTo } from './target.ts';

/** What AWS keeps, by the name of the secret; a JSON object has keys. */
export type Kept = Map<string, string>;

const finalizer = 'externalsecrets.external-secrets.io/externalsecret-cleanup';

export interface OperatorRequest {
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly kept: Kept;
  /** The version of its API that is served. */
  readonly version?: 'v1' | 'v1beta1';
}

/**
 * Does in one namespace what the External Secrets Operator does: makes the Secrets of ExternalSecrets of what is kept, owns
 * them, and says so in their status. Ends with the test.
 */
export function startSecretsOperator(
  t: TestContext,
  { sandbox, namespace, kept, version = 'v1' }: OperatorRequest,
): { readonly rotate: (name: string, value: string) => Promise<void>; readonly stop: () => Promise<void> } {
  const cluster = connectTo(sandbox.kubeconfig);
  const ending = new AbortController();
  const scope = { apiVersion: `external-secrets.io/${version}`, kind: 'ExternalSecret', namespace };
  const known = new Map<string, KubernetesObject>();
  // One after the other, as a controller sees to an object.
  let last: Promise<unknown> = Promise.resolve();
  const seeTo = (external: KubernetesObject): Promise<void> => {
    const next = last.then(() => reconcile(sandbox, external, kept));
    last = next.catch(() => undefined);
    return next;
  };
  const all = async (): Promise<void> => {
    for (const external of known.values()) await seeTo(external);
  };
  const following = async (of: ListScope, changed: (event: WatchEvent) => Promise<void>): Promise<void> => {
    const { items, resourceVersion } = await cluster.list(of, ending.signal);
    for (const object of items) await changed({ type: 'ADDED', object });
    while (!ending.signal.aborted) {
      for await (const event of cluster.watch(of, resourceVersion, ending.signal)) await changed(event);
    }
  };
  const externals = following(scope, async (event) => {
    if (event.type === 'gone' || event.type === 'BOOKMARK') return;
    const { object, type } = event;
    if (type === 'DELETED') known.delete(object.metadata.name ?? '');
    else known.set(object.metadata.name ?? '', object);
    if (type !== 'DELETED') await seeTo(object);
  });
  // It sets right what somebody else writes into a Secret of its own.
  const secrets = following({ apiVersion: 'v1', kind: 'Secret', namespace }, all);
  const done = Promise.all([externals, secrets]).catch((error: unknown) => {
    // A sandbox of the test's own may be stopped before.
    if (!ending.signal.aborted && !isGone(error)) throw error;
  });
  const stop = async (): Promise<void> => {
    ending.abort();
    await done.finally(() => cluster.close());
  };
  t.after(stop);
  return {
    stop,
    async rotate(name, value) {
      kept.set(name, value);
      await all();
    },
  };
}

function isGone(error: unknown): boolean {
  const isCut = ['ECONNREFUSED', 'ECONNRESET'].includes(systemCodeOf(error) ?? '');
  return isCut || (error instanceof DeployError && error.transient);
}

async function reconcile(sandbox: TestSandbox, external: KubernetesObject, kept: Kept): Promise<void> {
  const { name = '', namespace = '' } = external.metadata;
  const path = `/apis/${external.apiVersion}/namespaces/${namespace}/externalsecrets/${name}`;
  const { status, body } = await sandbox.request('GET', path);
  if (status === 404) return;
  const live = objectOf(body);
  const finalizers = arrayOf(at(live, 'metadata', 'finalizers')).filter((one) => one !== finalizer);
  if (at(live, 'metadata', 'deletionTimestamp') !== undefined) {
    const resourceVersion = at(live, 'metadata', 'resourceVersion') ?? '';
    await patch(sandbox, path, { metadata: { finalizers, resourceVersion } });
    return;
  }
  if (finalizers.length === arrayOf(at(live, 'metadata', 'finalizers')).length)
    await patch(sandbox, path, { metadata: { finalizers: [...finalizers, finalizer] } });
  const values = (await hasGenerator(sandbox, live)) ? valuesOf(live, kept) : undefined;
  if (values === undefined) {
    await setStatus(sandbox, path, live, {
      status: 'False',
      reason: 'SecretSyncedError',
      message: 'could not get secret data from provider',
    });
    return;
  }
  await writeSecret(sandbox, live, values);
  await setStatus(sandbox, path, live, { status: 'True', reason: 'SecretSynced', message: 'secret synced' });
}

/** Whether the generator is there that it reads from, if it reads from one. */
async function hasGenerator(sandbox: TestSandbox, external: JsonObject): Promise<boolean> {
  const generator = at(arrayOf(at(external, 'spec', 'dataFrom'))[0], 'sourceRef', 'generatorRef');
  if (generator === undefined) return true;
  const [apiVersion, name] = [stringOf(at(generator, 'apiVersion')), stringOf(at(generator, 'name'))];
  const namespace = stringOf(at(external, 'metadata', 'namespace'));
  const path = `/apis/${apiVersion ?? ''}/namespaces/${namespace ?? ''}/ecrauthorizationtokens/${name ?? ''}`;
  return (await sandbox.request('GET', path)).status === 200;
}

/** What the generator of ECR tokens gives. */
const token = {
  username: 'AWS',
  password: Buffer.from(JSON.stringify({ version: '2', expiration: Math.floor(Date.now() / 1000) + 43_200 })).toString(
    'base64',
  ),
  proxy_endpoint: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com',
};

/** The values of `spec.data` and of a generator by their names; undefined where one of them is kept nowhere. */
function valuesOf(external: JsonObject, kept: Kept): ReadonlyMap<string, string> | undefined {
  if (at(external, 'spec', 'dataFrom') !== undefined) return new Map(Object.entries(token));
  const values = arrayOf(at(external, 'spec', 'data')).map((one): readonly [string, string | undefined] => {
    const text = kept.get(stringOf(at(one, 'remoteRef', 'key')) ?? '');
    const property = stringOf(at(one, 'remoteRef', 'property'));
    const value = property === undefined ? text : stringOf(parseJsonObject(text ?? '')?.[property]);
    return [stringOf(at(one, 'secretKey')) ?? '', value];
  });
  const found = values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return found.length === values.length ? new Map(found) : undefined;
}

const action = /\{\{ (?:\.(\w+)( \| urlquery \| replace "\+" "%20")?( \| replace "https:\/\/" "")?|"\{\{") \}\}/g;

/** The few forms of Go's templates that ours have. */
function filled(template: string, values: ReadonlyMap<string, string>): string {
  return template.replaceAll(action, (_, name?: string, isUri?: string, isHost?: string) => {
    if (name === undefined) return '{{';
    const value = values.get(name) ?? assert.fail(`the template names ${name}, which is no value`);
    if (isHost !== undefined) return value.replace('https://', '');
    return isUri === undefined ? value : encodeStrict(value);
  });
}
/** As an update of the whole object, which the operator sends: fields that it changes become its own. */
async function writeSecret(
  sandbox: TestSandbox,
  external: JsonObject,
  values: ReadonlyMap<string, string>,
): Promise<void> {
  const { name, namespace, uid } = objectOf(external['metadata']);
  const template = objectOf(at(external, 'spec', 'target', 'template'));
  const secretName = stringOf(at(external, 'spec', 'target', 'name')) ?? String(name);
  const manager = `fieldManager=externalsecrets.external-secrets.io/${String(name)}`;
  const secrets = `/api/v1/namespaces/${String(namespace)}/secrets`;
  const { status, body } = await sandbox.request('GET', `${secrets}/${secretName}`);
  const live: JsonObject =
    status === 200 ? objectOf(body) : { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName } };
  const metadata = objectOf(live['metadata']);
  const texts = Object.entries(objectOf(template['data'])).map(
    ([key, text]) => [key, filled(String(text), values)] as const,
  );
  const data = {
    ...objectOf(live['data']),
    ...Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  };
  const owner = {
    ...{ apiVersion: external['apiVersion'] ?? '', kind: 'ExternalSecret', name: name ?? '', uid: uid ?? '' },
    ...{ controller: true, blockOwnerDeletion: true },
  };
  const others = arrayOf(metadata['ownerReferences']).filter((one) => at(one, 'uid') !== uid);
  const isOwner = at(external, 'spec', 'target', 'creationPolicy') === 'Owner';
  const secret = {
    ...live,
    type: template['type'] ?? 'Opaque',
    metadata: {
      ...metadata,
      labels: {
        ...objectOf(metadata['labels']),
        ...objectOf(at(template, 'metadata', 'labels')),
        'reconcile.external-secrets.io/managed': 'true',
        'reconcile.external-secrets.io/created-by': 'stand-in',
      },
      annotations: { ...objectOf(metadata['annotations']), ...objectOf(at(template, 'metadata', 'annotations')) },
      ownerReferences: isOwner ? [...others, owner] : others,
    },
    data,
  };
  const written =
    status === 200
      ? await sandbox.request('PUT', `${secrets}/${secretName}?${manager}`, secret)
      : await sandbox.request('POST', `${secrets}?${manager}`, secret);
  // Somebody else has written it meanwhile, which comes as another event; or the namespace is being deleted.
  assert.ok([200, 201, 403, 409].includes(written.status), JSON.stringify(written.body));
}

async function setStatus(
  sandbox: TestSandbox,
  path: string,
  external: JsonObject,
  condition: { readonly status: string; readonly reason: string; readonly message: string },
): Promise<void> {
  const generation = Number(at(external, 'metadata', 'generation'));
  const hash = createHash('sha256').update(JSON.stringify(external['spec'])).digest('hex').slice(0, 8);
  const [before] = arrayOf(at(external, 'status', 'conditions'));
  const isSame = at(before, 'status') === condition.status && at(before, 'reason') === condition.reason;
  const synced = condition.status === 'True' ? { syncedResourceVersion: `${generation}-${hash}` } : {};
  if (
    isSame &&
    (condition.status === 'False' || at(external, 'status', 'syncedResourceVersion') === synced.syncedResourceVersion)
  )
    return;
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = [{ type: 'Ready', lastTransitionTime: now, ...condition }];
  await patch(sandbox, `${path}/status`, { status: { conditions, refreshTime: now, ...synced } });
}

async function patch(sandbox: TestSandbox, path: string, body: JsonObject): Promise<void> {
  const { status, body: answer } = await sandbox.request('PATCH', path, body, 'application/merge-patch+json');
  // It may have gone meanwhile, or been changed: that comes as another event.
  assert.ok([200, 404, 409].includes(status), JSON.stringify(answer));
}
