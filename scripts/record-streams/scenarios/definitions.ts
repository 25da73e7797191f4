import { type JsonObject, objectOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { name, object } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { hasCondition, type Stage } from '../stage.ts';

const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } as const;

/** A definition of Orders in a group of its own. */
function definition(group: string, names: JsonObject = { plural: 'orders', singular: 'order', kind: 'Order' }) {
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const plural = typeof names['plural'] === 'string' ? names['plural'] : '';
  return object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { group, scope: 'Namespaced', names, versions },
    { name: `${plural}.${group}` },
  );
}

const leaving = definition('leaving.example.com');
const orders = { group: 'leaving.example.com', resource: 'orders' };
const held = object('leaving.example.com/v1', 'Order', undefined, { finalizers: ['example.com/hold'] });

export const definitionScenarios: readonly Scenario[] = [
  {
    id: 'custom-resource-definition/ready-new',
    shows: 'The API server accepts its names and serves it.',
    manifests: [definition('new.example.com')],
  },
  {
    id: 'custom-resource-definition/ready-changed',
    shows: 'It was there, and gets a short name more.',
    before: async (stage) => {
      const earlier = definition('changed.example.com');
      await stage.apply(earlier);
      await stage.until(earlier, (live) => hasCondition(live, 'Established'));
    },
    manifests: [
      definition('changed.example.com', { plural: 'orders', singular: 'order', kind: 'Order', shortNames: ['ord'] }),
    ],
  },
  {
    id: 'custom-resource-definition/failed-changed',
    shows: 'It was there, and gets a short name that another definition of its group has already.',
    before: async (stage) => {
      const other = definition('both.example.com', { plural: 'trades', kind: 'Trade', shortNames: ['ord'] });
      const earlier = definition('both.example.com');
      for (const one of [other, earlier]) {
        await stage.apply(one);
        await stage.until(one, (live) => hasCondition(live, 'Established'));
      }
    },
    manifests: [
      definition('both.example.com', { plural: 'orders', singular: 'order', kind: 'Order', shortNames: ['ord'] }),
    ],
  },
  {
    id: 'custom-resource-definition/progressing-being-deleted',
    shows: 'Somebody has deleted it; an object of it holds it up for 2 s, and then it is gone.',
    before: async (stage) => {
      await stage.apply(leaving);
      await stage.until(leaving, (live) => hasCondition(live, 'Established'));
      await stage.create(orders, held);
      await stage.remove(leaving);
      await stage.until(leaving, (live) => hasCondition(live, 'Terminating'));
    },
    manifests: [leaving],
    meanwhile: async (stage) => {
      await stage.seconds(2);
      await stage.release(orders, held);
    },
    seconds: 8,
  },
  {
    id: 'custom-resource-definition/failed-names',
    shows: 'Another definition of its group has its kind and its singular already.',
    before: async (stage) => {
      const first = definition('taken.example.com', { plural: 'bestorders', singular: 'order', kind: 'Order' });
      await stage.apply(first);
      await stage.until(first, (live) => hasCondition(live, 'Established'));
    },
    manifests: [definition('taken.example.com')],
  },
];

const secret: KubernetesObject = object('external-secrets.io/v1', 'ExternalSecret', {
  secretStoreRef: { kind: 'SecretStore', name: 'aws' },
  target: { name },
  dataFrom: [{ extract: { key: 'prod/api' } }],
});

/** What the External Secrets Operator writes; none runs in the sandbox. */
async function synced(stage: Stage, status: 'True' | 'False', sinceTime = stage.now()): Promise<void> {
  const said =
    status === 'True'
      ? { reason: 'SecretSynced', message: 'secret synced' }
      : { reason: 'SecretSyncedError', message: 'could not get secret data from provider' };
  const condition = { type: 'Ready', status, lastTransitionTime: sinceTime, ...said };
  const { metadata } = await stage.until(secret, () => true);
  const version = status === 'True' ? { syncedResourceVersion: `${metadata.generation}-2f9a` } : {};
  await stage.status(secret, { conditions: [condition], refreshTime: stage.now(), ...version });
}

/** One that has been read, with another key. */
async function earlierSecret(stage: Stage): Promise<void> {
  const dataFrom = [{ extract: { key: 'test/api' } }];
  await stage.apply({ ...secret, spec: { ...objectOf(secret.spec), dataFrom } });
  await synced(stage, 'True');
}

export const externalSecretScenarios: readonly Scenario[] = [
  {
    id: 'external-secret/ready-synchronized',
    shows: 'The operator has read it after 2 s.',
    manifests: [secret],
    meanwhile: async (stage) => {
      await stage.seconds(2);
      await synced(stage, 'True');
    },
  },
  {
    id: 'external-secret/ready-after-error',
    shows: 'The store is not ready at first: the operator has read it at the third try.',
    manifests: [secret],
    meanwhile: async (stage) => {
      await stage.seconds(1);
      const since = stage.now();
      await synced(stage, 'False', since);
      await stage.seconds(5);
      await synced(stage, 'False', since);
      await stage.seconds(10);
      await synced(stage, 'True');
    },
  },
  {
    id: 'external-secret/ready-changed',
    shows: 'It was there, and reads another key now: the operator has read that after 3 s.',
    before: earlierSecret,
    manifests: [secret],
    meanwhile: async (stage) => {
      await stage.seconds(3);
      await synced(stage, 'True');
    },
  },
  {
    id: 'external-secret/progressing-changed',
    shows: 'It was there, and reads another key now, which the operator has not looked at yet.',
    before: earlierSecret,
    manifests: [secret],
    seconds: 5,
  },
  {
    id: 'external-secret/progressing-new',
    shows: 'The operator has not looked at it yet.',
    manifests: [secret],
    seconds: 5,
  },
  {
    id: 'external-secret/progressing-error',
    shows: 'The operator can not read it, for 20 s.',
    manifests: [secret],
    meanwhile: async (stage) => {
      await stage.seconds(1);
      await synced(stage, 'False');
    },
    seconds: 21,
  },
  {
    id: 'external-secret/failed-error',
    shows: 'The operator can not read it, for 30 s.',
    manifests: [secret],
    meanwhile: async (stage) => {
      await stage.seconds(1);
      const since = stage.now();
      for (const seconds of [0, 5, 10, 20]) {
        await stage.seconds(seconds);
        await synced(stage, 'False', since);
      }
    },
  },
];
