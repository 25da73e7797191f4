import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldBy, heldFinding, namespaceFindings } from '../../../src/deploy/cleanup/holders.ts';
import { applicationsIn, takeInventory } from '../../../src/deploy/cleanup/inventory.ts';
import { isNothing, planCleanup } from '../../../src/deploy/cleanup/plan-cleanup.ts';
import { objectsOf } from '../../../src/model/cleanup.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { type KubernetesObject, namespaceRef, refOf } from '../../../src/model/object.ts';
import type { Release } from '../../../src/model/release.ts';
import { formatCleanedUp, formatCleanup } from '../../../src/ui/cleanup.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { target } from '../ui/helpers.ts';
import { live } from './helpers.ts';

const ours = { 'app.kubernetes.io/managed-by': 'oms-deploy', 'app.kubernetes.io/part-of': 'shop' };
const theirs = { ...ours, 'app.kubernetes.io/part-of': 'other' };

function object(kind: string, name: string, metadata: JsonObject = {}, rest: JsonObject = {}): KubernetesObject {
  const apiVersion = kinds[kind] ?? 'v1';
  return live({
    apiVersion,
    kind,
    metadata: { namespace: 'shop', name, uid: `${kind}-${name}`, ...metadata },
    ...rest,
  });
}

const kinds: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Lease: 'coordination.k8s.io/v1',
  TargetGroupBinding: 'elbv2.k8s.aws/v1beta1',
};

function ownedBy(uid: string): JsonObject {
  return { ownerReferences: [{ uid, kind: 'x', name: 'x' }] };
}

/** A release with these objects, as they were applied. */
function releaseOf(objects: readonly KubernetesObject[]): Release {
  const recorded = objects.map((body) => ({
    ref: refOf(body),
    body,
    origin: { file: 'a.yaml', line: 1 },
    secretPaths: [],
    uid: body.metadata.uid ?? '',
  }));
  const summary = { number: 1, status: 'deployed', action: 'up', startedAt: '', toolVersion: '0' } as const;
  const changes = { created: 0, updated: 0, unchanged: 0, deleted: 0 };
  const where = { application: 'shop', namespace: 'shop', target: { cluster: 'c', server: 's' } };
  const rest = { inputs: [], left: [], overrides: [], findings: [], images: [] };
  return { ...summary, ...where, ...rest, changes, author: { user: 'u', host: 'h' }, objects: recorded };
}

/** Whose each object is, in short. */
function sorted(objects: readonly KubernetesObject[], latest?: Release): Readonly<Record<string, readonly string[]>> {
  const { ours: own, records, foreign, others, hasLock } = takeInventory(objects, 'shop', latest);
  const names = (list: readonly KubernetesObject[]) =>
    list.map(({ kind, metadata }) => `${kind} ${metadata.name ?? ''}`);
  return {
    ours: names(own),
    records: names(records),
    foreign: names(foreign),
    others: names(others.map((one) => one.object)),
    lock: hasLock ? ['lock'] : [],
  };
}

const nothing = { ours: [], records: [], foreign: [], others: [], lock: [] };

const bookkeeping = { 'oms-deploy.io/application': 'shop', 'oms-deploy.io/record': 'release' };
const cases: readonly (readonly [string, readonly KubernetesObject[], Readonly<Record<string, readonly string[]>>])[] =
  [
    ['our labels', [object('ConfigMap', 'a', { labels: ours })], { ours: ['ConfigMap a'] }],
    ['no labels', [object('ConfigMap', 'a')], { foreign: ['ConfigMap a'] }],
    ['labels of another application', [object('ConfigMap', 'a', { labels: theirs })], { others: ['ConfigMap a'] }],
    [
      'what every namespace has',
      [object('ServiceAccount', 'default'), object('ConfigMap', 'kube-root-ca.crt'), object('Endpoints', 'web')],
      {},
    ],
    [
      'what controllers make of ours: labels are inherited, too',
      [
        object('Deployment', 'web', { labels: ours }),
        object('ReplicaSet', 'web-1', { labels: ours, ...ownedBy('Deployment-web') }),
        object('Pod', 'web-1-x', { labels: ours, ...ownedBy('ReplicaSet-web-1') }),
        object('EndpointSlice', 'web-z', { labels: ours, ...ownedBy('Service-web') }),
        object('Secret', 'made', { labels: ours, ...ownedBy('Deployment-web') }),
      ],
      { ours: ['Deployment web'] },
    ],
    ['a Job of a CronJob that we do not see', [object('Job', 'nightly-1', ownedBy('unseen'))], {}],
    [
      'what has an owner that we do not see',
      [object('Secret', 'made', ownedBy('unseen'))],
      { foreign: ['Secret made'] },
    ],
    [
      'what the load balancer controller makes',
      [object('TargetGroupBinding', 'k8s-1', { labels: { 'ingress.k8s.aws/stack': 'shop' } })],
      {},
    ],
    ['a target group binding by hand', [object('TargetGroupBinding', 'x')], { foreign: ['TargetGroupBinding x'] }],
    [
      'our bookkeeping',
      [object('Secret', 'v1', { labels: bookkeeping }), object('Lease', 'l', { labels: bookkeeping })],
      { records: ['Secret v1'], lock: ['lock'] },
    ],
    [
      "another application's bookkeeping",
      [object('Secret', 'v1', { labels: { ...bookkeeping, 'oms-deploy.io/application': 'other' } })],
      { others: ['Secret v1'] },
    ],
    ['a Lease of somebody', [object('Lease', 'leader')], { foreign: ['Lease leader'] }],
  ];

for (const [name, objects, expected] of cases) {
  test(`whose it is: ${name}`, () => assert.deepEqual(sorted(objects), { ...nothing, ...expected }));
}

test('whose it is: what was recorded is ours by its uid and its label, under whatever name of an application', () => {
  const own = object('ConfigMap', 'a', { labels: { ...ours, 'app.kubernetes.io/part-of': 'platform' } });
  const latest = releaseOf([own]);
  assert.deepEqual(sorted([own], latest), { ...nothing, ours: ['ConfigMap a'] });
  const anew = object('ConfigMap', 'a', { labels: ours, uid: 'another' });
  assert.deepEqual(sorted([anew], latest), { ...nothing, foreign: ['ConfigMap a'] });
  const taken = object('ConfigMap', 'a', { labels: theirs });
  assert.deepEqual(sorted([taken], latest), { ...nothing, others: ['ConfigMap a'] });
  const freed = object('ConfigMap', 'a');
  assert.deepEqual(sorted([freed], latest), { ...nothing, foreign: ['ConfigMap a'] });
});

test("whose it is: a hook's Job is ours, whichever run has made it", () => {
  const annotations = { 'oms-deploy.io/hook': 'before' };
  const latest = releaseOf([object('Job', 'migrate', { labels: ours, annotations })]);
  const anew = object('Job', 'migrate', { labels: ours, annotations, uid: 'of-the-failed-run' });
  assert.deepEqual(sorted([anew], latest), { ...nothing, ours: ['Job migrate'] });
  const freed = object('Job', 'migrate', { annotations });
  assert.deepEqual(sorted([freed], latest), { ...nothing, foreign: ['Job migrate'] });
});

test('whose it is: the claims of our StatefulSets, and no others of a like name', () => {
  const spec = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
  const latest = releaseOf([object('StatefulSet', 'db', { labels: ours }, { spec })]);
  const claims = ['data-db-0', 'data-db-12', 'data-db-x', 'data-db-0-copy', 'other-db-0'];
  const { ours: own, foreign } = sorted(
    claims.map((name) => object('PersistentVolumeClaim', name)),
    latest,
  );
  assert.deepEqual(own, ['PersistentVolumeClaim data-db-0', 'PersistentVolumeClaim data-db-12']);
  assert.equal(foreign?.length, 3);
});

test('the applications of a namespace: by their objects and by their bookkeeping', () => {
  const record = object('Secret', 'v1', { labels: { ...bookkeeping, 'oms-deploy.io/application': 'third' } });
  const found = applicationsIn([object('ConfigMap', 'a', { labels: theirs }), record, object('ConfigMap', 'b')]);
  assert.deepEqual(found, ['other', 'third']);
});

const everything = [
  object('ConfigMap', 'settings', { labels: ours }),
  object('ConfigMap', 'precious', { labels: ours, annotations: { 'oms-deploy.io/prune': 'never' } }),
  object('Deployment', 'web', { labels: ours }),
  object('Service', 'web', { labels: ours }, { spec: { type: 'ClusterIP' } }),
  object('Service', 'public', { labels: ours }, { spec: { type: 'LoadBalancer' } }),
  object('Ingress', 'front', { labels: ours }),
  object(
    'PersistentVolumeClaim',
    'data',
    { labels: ours },
    {
      spec: { volumeName: 'pv-1' },
      status: { capacity: { storage: '10Gi' } },
    },
  ),
  object('Ingress', 'by-hand'),
  object('Secret', 'v1', { labels: bookkeeping }),
  object('Secret', 'key', { labels: { ...bookkeeping, 'oms-deploy.io/record': 'key' } }),
];

interface Options {
  readonly keepNamespace: boolean;
  readonly withData?: boolean;
  readonly policy?: string;
  readonly outside?: readonly KubernetesObject[];
  readonly occupied?: ReadonlyMap<string, string>;
}

function planned(options: Options, objects = everything) {
  const { keepNamespace, withData = false, policy = 'Delete', outside = [], occupied = new Map() } = options;
  const volume = live({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv-1' },
    spec: { persistentVolumeReclaimPolicy: policy },
  });
  return planCleanup({
    target,
    keepNamespace,
    withData,
    namespaceUid: 'n',
    inventory: takeInventory(objects, 'shop', undefined),
    outside,
    occupied,
    volumes: new Map([['pv-1', volume]]),
    unread: [{ apiVersion: 'apps/v1', kind: 'DaemonSet' }],
  });
}

function names(stages: Parameters<typeof objectsOf>[0]): readonly string[] {
  return stages.map(({ objects }) => objects.map(({ ref }) => `${ref.kind}/${ref.name}`).join(' '));
}

test('only our objects: load balancers, then the waves from the last to the first, then heads, then the rest', () => {
  const plan = planned({ keepNamespace: true });
  assert.deepEqual(names(plan.stages), [
    'Service/public Ingress/front',
    'Deployment/web',
    'Service/web',
    'ConfigMap/settings',
  ]);
  assert.deepEqual(names(plan.records), ['Secret/v1', 'Secret/key']);
  assert.deepEqual(
    plan.kept.map(({ ref }) => ref.name),
    ['precious', 'data'],
  );
  // No later run finds what is in no namespace, or in another one: the records of it are gone.
  assert.match(
    plan.kept[1]?.why ?? '',
    /--prune-data deletes it now, later kubectl delete persistentvolumeclaim data -n shop$/,
  );
  assert.deepEqual(plan.claims, []);
  assert.deepEqual(
    names(planned({ keepNamespace: true, withData: true }).stages).at(-1),
    'ConfigMap/settings PersistentVolumeClaim/data',
  );
});

test('the history is counted by releases: one has a Secret, and all of them a key', () => {
  const lines = formatCleanup(planned({ keepNamespace: true }), createStyle(false, false));
  assert.ok(lines.includes('  -  the history of 1 release, in 2 Secrets'), lines.join('\n'));
});

test('how to delete what stays is said to the end', () => {
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'x.example.com' };
  const kept = [
    { ref: definition, why: '' },
    { ref: namespaceRef('shop-jobs'), why: '' },
  ];
  const deleted = { objects: 3, foreign: 0, records: 2 };
  const done = {
    namespace: 'shop',
    cluster: 'c',
    application: 'shop',
    outcome: 'namespace',
    deleted,
    kept,
    others: 0,
  } as const;
  const lines = formatCleanedUp(done, createStyle(false, false)).split('\n');
  assert.deepEqual(lines.slice(-2), [
    '  To delete it, too: kubectl delete customresourcedefinition.apiextensions.k8s.io x.example.com',
    '  To delete it, too: kubectl delete namespace shop-jobs',
  ]);
});

test('the whole namespace: every load balancer goes alone and first, all else with it', () => {
  const plan = planned({ keepNamespace: false });
  assert.deepEqual(names(plan.stages), ['Service/public Ingress/by-hand Ingress/front']);
  assert.equal(objectsOf(plan.swept).length, 5);
  assert.deepEqual(
    plan.foreign.map(({ name }) => name),
    ['by-hand'],
  );
  assert.deepEqual(plan.unread, ['DaemonSet.apps']);
  assert.deepEqual(
    plan.findings.map(({ id }) => id),
    ['cleanup/protected'],
  );
});

test('what becomes of the data is said', () => {
  const detail = (policy: string) => planned({ keepNamespace: false, policy }).claims.map((claim) => claim.detail);
  assert.deepEqual(detail('Delete'), ['10Gi, its volume and all data on it are deleted']);
  assert.deepEqual(detail('Retain'), ['10Gi, its volume pv-1 stays (reclaim policy Retain)']);
  assert.deepEqual(detail('Unknown'), ['10Gi, its volume pv-1 may be deleted with all data on it']);
});

test("a namespace with nothing of ours: a stranger's Ingress is no reason to delete it", () => {
  assert.ok(isNothing(planned({ keepNamespace: false }, [object('Ingress', 'by-hand')])));
  assert.ok(!isNothing(planned({ keepNamespace: false }, [object('Lease', 'l', { labels: bookkeeping })])));
});

test('a finalizer is explained by who takes it away, and an unknown one by its name', () => {
  const held = (...finalizers: readonly string[]) =>
    heldFinding(object('Ingress', 'front', { finalizers: [...finalizers] }), 'error');
  const known = held('ingress.k8s.aws/resources');
  assert.equal(known.id, 'cleanup/finalizer');
  assert.match(known.evidence.join(), /AWS Load Balancer Controller/);
  assert.match(known.fix, /aws-load-balancer-controller.*--remove-finalizers.*left behind/);
  assert.match(held('group.ingress.k8s.aws/team').evidence.join(), /AWS Load Balancer Controller/);
  assert.match(held('example.com/x').fix, /controller that sets example\.com\/x/);
  assert.match(held('a/b', 'c/d').cause, /2 finalizers hold it: a\/b, c\/d/);
  assert.equal(held().id, 'cleanup/ending');
});

test('a namespace that ends is explained by its conditions and by what is left in it', () => {
  const condition = (type: string, status: string, message: string) => ({ type, status, message });
  const ending = live({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
    status: {
      conditions: [
        condition('NamespaceDeletionDiscoveryFailure', 'True', 'metrics.k8s.io/v1beta1: stale'),
        condition('NamespaceContentRemaining', 'False', 'All content removed'),
      ],
    },
  });
  const left = [object('ConfigMap', 'held', { finalizers: ['a/b'] }), object('Pod', 'slow')];
  const [whole, ...others] = namespaceFindings(ending, left, 'warning');
  assert.deepEqual(
    [whole?.id, ...others.map(({ id, object: ref }) => `${id} ${ref?.name ?? ''}`)],
    ['cleanup/namespace', 'cleanup/finalizer held'],
  );
  assert.match(whole?.cause ?? '', /2 objects are left/);
  assert.deepEqual(whole?.evidence, [
    'the cluster cannot say which kinds it serves: an aggregated API does not answer: metrics.k8s.io/v1beta1: stale',
    'ConfigMap held: held by a/b',
    'Pod slow: ending',
  ]);
  assert.match(whole?.fix ?? '', /apiservices/);
  assert.equal(
    heldBy(ending),
    'ending: the cluster cannot say which kinds it serves: an aggregated API does not answer',
  );
});

test('a second namespace that says so goes if it will be empty, else it stays, with what is in it', () => {
  const annotations = { 'oms-deploy.io/prune': 'when-empty' };
  const namespace = live({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'agents', uid: 'a', annotations } });
  const goes = (occupied: ReadonlyMap<string, string>): readonly unknown[] => {
    const { stages, kept } = planned({ keepNamespace: false, outside: [namespace], occupied });
    return [names(stages).includes('Namespace/agents'), kept.map(({ why }) => why)];
  };
  assert.deepEqual(goes(new Map()), [true, []]);
  assert.deepEqual(goes(new Map([['agents', '2 other objects in it']])), [false, ['2 other objects in it']]);
});
