import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json.ts';
import { openValueOf } from '../../../../src/model/open.ts';
import { eventsCheck } from '../../../../src/verify/checks/events.ts';
import { imagesCheck } from '../../../../src/verify/checks/images.ts';
import { servicesCheck } from '../../../../src/verify/checks/services.ts';
import { workloadsCheck } from '../../../../src/verify/checks/workloads.ts';
import type { Facts, ProbeAnswer, ReleasedImages } from '../../../../src/verify/facts.ts';
import { container, nowMs, running } from './application.ts';
import { type Changes, eventOf, factsWith, judges } from './facts.ts';

const readinessProbe = { httpGet: { path: '/ready', port: 'http' } };

/** One of two pods runs for 20 s and isn't ready; no probe has had the time that it may take. */
function waiting(probes: JsonObject): Changes {
  const startedAt = new Date(nowMs - 20_000).toISOString();
  return {
    'Deployment web': { status: { readyReplicas: 1, availableReplicas: 1 } },
    'Pod web-a': {
      spec: { containers: [{ ...container, ...probes }] },
      status: {
        conditions: [{ type: 'Ready', status: 'False' }],
        containerStatuses: [running({ ready: false, state: { running: { startedAt } } })],
      },
    },
  };
}

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const answer: ProbeAnswer = {
  workload,
  pod: 'web-a',
  ready: false,
  question: '/ready',
  kind: 'http',
  outcome: { status: 503, elapsedMs: 4 },
};
const held = { is: 'error pods/not-ready Deployment shop/web', cause: /is not ready: 1 of 2 pods ready\.$/ };

judges(workloadsCheck, [
  [
    'a pod that runs and is not ready: what it is at, what its probe asks, and what it answers to that',
    factsWith(waiting({ readinessProbe }), { answers: [answer, { ...answer, pod: 'web-b', ready: true }] }),
    {
      ...held,
      fix: /^See in its log why it doesn't pass its readiness probe \(GET \/ready on port http\): oms-deploy logs web\. /,
      evidence:
        /^pod web-a, container web: runs for 20 s and is not ready; its readiness probe: GET \/ready on port http\n\/ready on pod web-a: HTTP 503, asked through a port-forward$/,
    },
  ],
  [
    'the startup probe, until it has succeeded',
    factsWith(waiting({ readinessProbe, startupProbe: { exec: { command: ['cat', '/tmp/started'] } } })),
    { ...held, fix: /startup probe \(the command cat \/tmp\/started\): oms-deploy logs web/ },
  ],
  [
    'a probe of a TCP port',
    factsWith(waiting({ readinessProbe: { tcpSocket: { port: 8080 } } })),
    { ...held, fix: /readiness probe \(TCP port 8080\)/ },
  ],
]);

const revision = 'deployment.kubernetes.io/revision';
const older: Changes = {
  'Deployment web': { metadata: { annotations: { [revision]: '2' } }, status: { updatedReplicas: 0 } },
  'ReplicaSet web-8c1e': {
    metadata: {
      annotations: { [revision]: '2' },
      ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'Deployment web' }],
    },
  },
};
const next = { spec: { template: { spec: { containers: [{ ...container, image: 'registry.example/web:1.5' }] } } } };

const [first, second] = ['a', 'b'].map((letter) => `registry.example/web@sha256:${letter.repeat(64)}`);

/** The Deployment names its image by a digest, and says the tag beside it. */
function byDigest(image: string | undefined, tag: string, more: JsonObject = {}): JsonObject {
  return {
    metadata: { annotations: { 'oms-deploy.io/image-tags': `web=${tag}`, ...more } },
    spec: { template: { spec: { containers: [{ ...container, image: image ?? '' }] } } },
  };
}
const podsByDigest: Changes = {
  'Pod web-a': { spec: { containers: [{ ...container, image: first ?? '' }] } },
  'Pod web-b': { spec: { containers: [{ ...container, image: first ?? '' }] } },
};
const manifestSays = { declared: { 'Deployment web': { spec: { template: { spec: { containers: [container] } } } } } };

function hookJob(image: string, annotations: JsonObject): JsonObject {
  return { metadata: { annotations }, spec: { template: { spec: { containers: [{ ...container, image }] } } } };
}
const asHook = { 'oms-deploy.io/hook': 'before' };
const migrations: Changes = { 'Job migrate': hookJob('registry.example/migrate:1', asHook) };

const open = { 'Deployment web': { spec: { template: { spec: { containers: [openContainer(container)] } } } } };

function openContainer(given: JsonObject): JsonObject {
  return { ...given, image: `registry.example/web:${openValueOf('web_tag')}` };
}

/** What release 3 gave the container of the Deployment. */
function releasedAs(image: string): { readonly released: ReleasedImages } {
  const images = new Map([['apps/Deployment/shop/web', new Map([['web', image]])]]);
  return { released: { release: 3, images, overrides: [] } };
}

/** What `rollout set-image` gave the container of the Deployment in release 4. */
function overriddenBy(image: string): { readonly released: ReleasedImages } {
  const override = { workload, container: 'web', image };
  const images = new Map([['apps/Deployment/shop/web', new Map([['web', image]])]]);
  return { released: { release: 4, images, overrides: [override] } };
}

/** The Deployment has an image that isn't that of its manifest. */
const hotfixed: Changes = {
  'Deployment web': { spec: { template: { spec: { containers: [{ ...container, image: 'hot.example/web:fix' }] } } } },
  'Pod web-a': null,
  'Pod web-b': null,
};

test('images/released: of a placeholder nothing is said, unless a release has recorded what it stood for', () => {
  const said = (given: Partial<Facts>): readonly unknown[] => {
    const { passed, skipped, findings } = imagesCheck.run({ ...factsWith({}, { declared: open }), ...given });
    return [passed, skipped, ...findings.map(({ cause }) => cause)];
  };
  assert.deepEqual(said({}), ['', '1 image not compared: ${web_tag} has no value here']);
  assert.deepEqual(said(releasedAs('registry.example/web:1.4')), [
    'every workload and pod runs the image of the manifests, that of release 3 where they have a placeholder',
    undefined,
  ]);
  const other = 'Deployment shop/web has image registry.example/web:1.4; release 3 gave it registry.example/web:1.3.';
  assert.equal(said(releasedAs('registry.example/web:1.3'))[2], other);
});

judges(imagesCheck, [
  [
    'an image that is another one whatever the placeholder stands for',
    factsWith(
      {
        'Deployment web': { spec: { template: { spec: { containers: [{ ...container, image: 'evil:1' }] } } } },
        'Pod web-a': null,
        'Pod web-b': null,
      },
      { declared: open },
    ),
    {
      is: 'error images/changed Deployment shop/web',
      cause: /has image evil:1; its manifest says registry\.example\/web:\$\{web_tag\}/,
      fix: /^Deploy the manifests again/,
    },
  ],
  [
    'an image that rollout set-image has set is no problem: it is told, with what the next up makes of it',
    factsWith(hotfixed, { ...overriddenBy('hot.example/web:fix'), declared: open }),
    {
      is: 'warning images/override Deployment shop/web',
      cause:
        /has image hot\.example\/web:fix; one command set it \(release 4\), its manifest says registry\.example\/web:\$\{web_tag\}, and the next up goes back to that\.$/,
      fix: /^To keep it, write hot\.example\/web:fix into the manifests/,
    },
  ],
  [
    'an image that somebody has changed after rollout set-image',
    factsWith(hotfixed, { ...overriddenBy('hot.example/web:other'), declared: open }),
    {
      is: 'error images/changed Deployment shop/web',
      cause: /has image hot\.example\/web:fix; its manifest says/,
      fix: /^Deploy the manifests again/,
    },
  ],
  [
    "a hook's Job of another image than the manifest says",
    factsWith(migrations, { declared: { 'Job migrate': hookJob('registry.example/migrate:2', asHook) } }),
    {
      is: 'error images/changed Job shop/migrate',
      cause: /has image registry\.example\/migrate:1; its manifest says registry\.example\/migrate:2/,
      fix: /^Deploy the manifests again/,
    },
  ],
  ["a hook's Job of the same image", factsWith(migrations)],
  [
    'a Job that is no hook keeps its image',
    factsWith(
      { 'Job import': hookJob('registry.example/import:1', {}) },
      { declared: { 'Job import': hookJob('registry.example/import:2', {}) } },
    ),
  ],
  [
    'a digest with the tag that the manifest says',
    factsWith({ ...podsByDigest, 'Deployment web': byDigest(first, '1.4') }, manifestSays),
  ],
  [
    'a digest with another tag than the manifest says',
    factsWith({ ...podsByDigest, 'Deployment web': byDigest(first, '1.5') }, manifestSays),
    {
      is: 'error images/changed Deployment shop/web',
      cause: /has image registry\.example\/web:1\.5; its manifest says registry\.example\/web:1\.4/,
      fix: /^Deploy the manifests again/,
    },
  ],
  [
    'pods of an older revision, by the tags that their ReplicaSet has kept',
    factsWith(
      {
        ...podsByDigest,
        'Deployment web': { ...byDigest(second, '1.5', { [revision]: '2' }), status: { updatedReplicas: 0 } },
        'ReplicaSet web-8c1e': older['ReplicaSet web-8c1e'] ?? null,
        'ReplicaSet web-7f9d': { metadata: { annotations: { 'oms-deploy.io/image-tags': 'web=1.4' } } },
      },
      { declared: { 'Deployment web': byDigest(second, '1.5') } },
    ),
    {
      is: 'warning images/old Deployment shop/web',
      cause:
        /still serves registry\.example\/web:1\.4 with 2 ready pods, beside what it names now: registry\.example\/web:1\.5/,
      fix: /^Let the rollout end/,
    },
  ],
  [
    'pods of an older revision still serve',
    factsWith({ ...older, 'Deployment web': { ...older['Deployment web'], ...next } }),
    {
      is: 'warning images/old Deployment shop/web',
      cause:
        /still serves registry\.example\/web:1\.4 with 2 ready pods, beside what it names now: registry\.example\/web:1\.5/,
      fix: /^Let the rollout end/,
    },
  ],
  ['an older revision of the same image', factsWith(older)],
]);

judges(servicesCheck, [
  [
    'no ready endpoint',
    factsWith({ 'EndpointSlice web-1': { endpoints: [{ conditions: { ready: false } }] } }),
    {
      is: 'error service/endpoints Service shop/web',
      cause: /Service shop\/web has no ready endpoint\.$/,
      fix: /^See what holds its pods back: kubectl describe pod web-a -n shop\.$/,
    },
  ],
]);

judges(eventsCheck, [
  [
    'in the order of the objects, however the API lists them',
    factsWith({
      'Event b': eventOf('Pod web-a', 'FailedKillPod', 'no such process', 2),
      'Event a': eventOf('Pod web-b', 'FailedKillPod', 'no such process', 2),
    }),
    ...['web-a', 'web-b'].map((pod) => ({
      is: `warning events/warnings Pod shop/${pod}`,
      cause: /had a Warning event in the last 10 min: FailedKillPod\.$/,
      fix: new RegExp(`^See all that happened to it: kubectl describe pod ${pod} -n shop\\.$`),
      evidence: /^event FailedKillPod \(x3, 120 s ago\)|^event FailedKillPod \(x3, 2 min ago\)/,
    })),
  ],
  ['long ago', factsWith({ 'Event a': eventOf('Pod web-b', 'FailedKillPod', 'no such process', 11) })],
  [
    'an address that the API server has booked once more',
    factsWith({ 'Event a': { ...eventOf('Service web', 'ClusterIPNotAllocated', 'repairing', 1), count: 1 } }),
  ],
  [
    'an address that it books again and again',
    factsWith({ 'Event a': eventOf('Service web', 'ClusterIPNotAllocated', 'repairing', 1) }),
    {
      is: 'warning events/warnings Service shop/web',
      cause: /ClusterIPNotAllocated/,
      fix: /describe service web/,
    },
  ],
]);
