import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { shippedAddons } from '../../../src/config/addons/catalog.ts';
import { withAddons } from '../../../src/config/addons/with-addons.ts';
import { builtInWord, loadConfig } from '../../../src/config/load.ts';
import { collections } from '../../../src/manifests/addons/collections/index.ts';
import { forEachAnnotation } from '../../../src/manifests/addons/expand.ts';
import { patchEachAnnotation } from '../../../src/manifests/addons/patch-each.ts';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import { findingIds, makeFolder, resultOf, runCli } from '../../support/cli.ts';
import { deployment, find, rendered } from './helpers.ts';

const names = [
  'backup',
  'disruption-budgets',
  'external-secrets',
  'image-pull-secrets',
  'logging',
  'monitoring',
  'network-policies',
  'priority',
  'quota',
  'spread',
];

test('each add-on that comes along can be read, and is made for something that there is', async () => {
  const addons = await shippedAddons();
  assert.deepEqual([...addons.keys()], names);
  for (const { name, description, manifests } of addons.values()) {
    assert.match(description, /^[A-Z]/, name);
    for (const file of manifests) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        assert.deepEqual(document.errors, [], file);
        const body: unknown = document.toJS();
        assert.ok(isKubernetesObject(body), file);
        const annotations = body.metadata.annotations ?? {};
        const wanted = annotations[forEachAnnotation] ?? annotations[patchEachAnnotation];
        assert.ok(wanted === undefined || collections.some((one) => one.name === wanted), `${file}: ${wanted ?? ''}`);
      }
    }
  }
});

test('collections are used', async () => {
  const texts = [...(await shippedAddons()).values()].flatMap(({ manifests }) =>
    manifests.map((file) => readFileSync(file, 'utf8')),
  );
  for (const { name } of collections)
    assert.ok(
      texts.some((text) =>
        [forEachAnnotation, patchEachAnnotation].some((annotation) => text.includes(`${annotation}: ${name}\n`)),
      ),
      `${name} is for nothing`,
    );
});

test('what is asked for is on, with its inputs; all is all of them, and what nobody asks for is as it was', async () => {
  const config = await loadConfig({ path: builtInWord, cwd: '/' });
  assert.equal(await withAddons(config, []), config);
  const one = await withAddons(config, ['network-policies']);
  const states = (of: typeof config): readonly (readonly [string, string])[] =>
    Object.entries(of.addons).map(([name, { state }]) => [name, state] as const);
  assert.deepEqual(states(one), [
    ['ingress', 'off'],
    ['backup', 'off'],
    ['disruption-budgets', 'off'],
    ['external-secrets', 'off'],
    ['image-pull-secrets', 'off'],
    ['logging', 'off'],
    ['monitoring', 'off'],
    ['network-policies', 'on'],
    ['priority', 'off'],
    ['quota', 'off'],
    ['spread', 'off'],
  ]);
  assert.equal(one.inputs.alb_subnet_cidrs?.default, '');
  assert.ok(states(await withAddons(config, ['all'])).every(([, state]) => state === 'on'));
  assert.equal((await withAddons(config, ['quota'])).inputs.alb_subnet_cidrs, undefined);
});

const api = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers: [{ name: api, image: 'example.com/api:1.0.0', ports: [{ name: http, containerPort: 9000 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: api }
spec:
  selector: { app: api }
  ports: [{ port: 8080, targetPort: http }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: api }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: api }
  minReplicas: 1
  maxReplicas: 8
`;

test('the quota has room for all pods at the maximum of the HPAs with the surge, and for no more', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api });
  const { objects, stderr, code } = await rendered(folder, ['-f', 'k8s', '-n', 'shop', '--with', 'quota']);
  assert.equal(code, 0, stderr);
  // web: 3 and 1 of surge (25 %, rounded up); api: 8 and 2, whose requests and limits the LimitRange says.
  assert.deepEqual(at(find(objects, 'ResourceQuota', 'shop'), 'spec', 'hard'), {
    pods: '14',
    'requests.cpu': '2',
    'requests.memory': `${4 * 128 + 10 * 128}Mi`,
    'limits.cpu': '7',
    'limits.memory': `${(4 * 256 + 10 * 512) / 1024}Gi`,
  });
  assert.doesNotMatch(stderr, /quota\/room/);
});

test('containers that the LimitRange completes are named, with what they get', async (t) => {
  const whole = deployment.replace('limits: {', 'limits: { cpu: "1",');
  const limited = whole.replace('requests: { cpu: 250m, memory: 128Mi }, ', '').replaceAll('web', 'limited');
  const unrequested = whole.replace('requests: { cpu: 250m, memory: 128Mi }, limits: { cpu: "1", memory: 256Mi }', '');
  const completed = async (...texts: readonly string[]): Promise<unknown> => {
    const folder = await makeFolder(t, { 'k8s/app.yaml': texts.join('---\n') });
    const args = ['lint', '-f', 'k8s', '-n', 'shop', '--with', 'quota', '--output', 'json'];
    const found = arrayOf(at(resultOf(await runCli(args, { cwd: folder })), 'findings'));
    return found
      .filter((one) => at(one, 'id') === 'quota/defaults')
      .map((one) => [at(one, 'severity'), at(one, 'cause'), ...arrayOf(at(one, 'evidence'))]);
  };
  // A limit alone is the request, too.
  assert.deepEqual(await completed(whole, limited), []);
  assert.deepEqual(await completed(limited, deployment, unrequested.replaceAll('web', 'bare')), [
    [
      'warning',
      'The LimitRange beside the quota gives limits to containers that say none, of Deployment shop/web, Deployment shop/bare.',
      'Deployment shop/web, container web: limits.cpu 500m',
      'Deployment shop/bare, container bare: limits.cpu 500m, limits.memory 512Mi, requests.cpu 100m, requests.memory 128Mi',
    ],
  ]);
});

test('the built-in application says its requests and limits itself', async (t) => {
  const folder = await makeFolder(t, {});
  const args = ['lint', '--config', 'built-in', '--with', 'quota', '--output', 'json'];
  assert.ok(!findingIds(await runCli(args, { cwd: folder })).includes('quota/defaults'));
});

test('what requests more than the usual limit is not refused by it; a run of a CronJob has room', async (t) => {
  const large = deployment.replace(
    'resources: { requests: { cpu: 250m, memory: 128Mi }, limits: { memory: 256Mi } }',
    'resources: { requests: { cpu: "2", memory: 3Gi } }',
  );
  const nightly = `apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: example.com/n:1 }] } } } }
`;
  const folder = await makeFolder(t, { 'k8s/web.yaml': large, 'k8s/nightly.yaml': nightly });
  const { objects, stderr, code } = await rendered(folder, ['-f', 'k8s', '-n', 'shop', '--with', 'quota']);
  assert.equal(code, 0, stderr);
  const [limits] = arrayOf(at(find(objects, 'LimitRange', 'shop'), 'spec', 'limits'));
  assert.deepEqual(at(limits, 'default'), { cpu: '2', memory: '3Gi' });
  // web: 3 and 1 of surge.
  assert.equal(at(find(objects, 'ResourceQuota', 'shop'), 'spec', 'hard', 'pods'), '5');
});

test('a quota one pod short is refused in the plan', async (t) => {
  const quota = 'apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: q }\nspec: { hard: { pods: "3" } }\n';
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api, 'k8s/quota.yaml': quota });
  const run = await runCli(['lint', '-f', 'k8s', '--output', 'json'], { cwd: folder });
  assert.equal(run.code, 3);
  assert.ok(findingIds(run).includes('quota/room'));
});

test('a budget for each workload with several pods that has none', async (t) => {
  const own = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: mine }
spec: { minAvailable: 2, selector: { matchLabels: { app: web } } }
`;
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api, 'own/pdb.yaml': own });
  const args = ['-n', 'shop', '--with', 'disruption-budgets'];
  const budgets = async (more: readonly string[]): Promise<readonly string[]> =>
    (await rendered(folder, [...more, ...args])).objects
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map(({ metadata }) => metadata.name ?? '');
  assert.deepEqual(await budgets(['-f', 'k8s']), ['web']);
  assert.deepEqual(await budgets(['-f', 'k8s', '-f', 'own']), ['mine']);
});

test('policies for somebody elses application: ports of the pods, not of the Service', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api });
  const args = ['-f', 'k8s', '-n', 'shop', '--with', 'network-policies', '--set', 'data_subnet_cidrs=10.0.1.0/24'];
  const { objects, stderr, code } = await rendered(folder, args);
  assert.equal(code, 0, stderr);
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata }) => metadata.name ?? '');
  assert.deepEqual(policies.toSorted(), [
    'allow-base',
    'allow-calls-of-web',
    'allow-calls-to-api',
    'allow-outward-of-web',
    'default-deny',
  ]);
  const ports = [{ protocol: 'TCP', port: 9000 }];
  assert.deepEqual(at(find(objects, 'NetworkPolicy', 'allow-calls-to-api'), 'spec', 'ingress'), [
    { from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports },
  ]);
  const outward = objectOf(find(objects, 'NetworkPolicy', 'allow-outward-of-web')?.spec);
  assert.deepEqual(outward.egress, [
    { to: [{ ipBlock: { cidr: '10.0.1.0/24' } }], ports: [{ protocol: 'TCP', port: 6379 }] },
  ]);
});

test('Jobs and CronJobs ask, too; addresses that are none are told', async (t) => {
  const nightly = `apiVersion: batch/v1
kind: CronJob
metadata: { name: web }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        metadata: { labels: { app: nightly } }
        spec:
          restartPolicy: Never
          containers: [{ name: main, image: 'example.com/n:1', env: [{ name: API, value: 'http://api:8080' }] }]
`;
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api, 'k8s/nightly.yaml': nightly });
  const args = ['-f', 'k8s', '-n', 'shop', '--with', 'network-policies', '--set'];
  const good = await rendered(folder, [...args, 'data_subnet_cidrs=["10.0.1.0/24", "fd00::/64"]']);
  assert.equal(good.code, 0, good.stderr);
  const own = find(good.objects, 'NetworkPolicy', 'allow-calls-of-web-cronjob');
  assert.deepEqual(at(own, 'spec', 'podSelector'), { matchLabels: { app: 'nightly' } });
  const out = arrayOf(at(find(good.objects, 'NetworkPolicy', 'allow-outward-of-web'), 'spec', 'egress'));
  assert.deepEqual(at(out[0], 'to'), [{ ipBlock: { cidr: '10.0.1.0/24' } }, { ipBlock: { cidr: 'fd00::/64' } }]);
  const bad = await rendered(folder, [...args, 'data_subnet_cidrs=banana,10.0.0.0']);
  assert.equal(bad.code, 3);
  assert.match(
    bad.stderr,
    /data_subnet_cidrs of the add-on network-policies has what is no CIDR: banana, 10\.0\.0\.0\./,
  );
});

test('addons names what there is not', async (t) => {
  const folder = await makeFolder(t, {
    'oms-deploy.yaml': 'application: shop\nnamespace: shop\nmanifests: [k8s]\naddons: {qouta: true}\n',
    'k8s/web.yaml': deployment,
  });
  const { code, stderr } = await runCli(['addons'], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /There is no add-on qouta\.[^]*Did you mean quota\?/);
});

test('several add-ons in one flag are named each by itself', async (t) => {
  const files = {
    'oms-deploy.yaml': 'application: shop\nnamespace: shop\nmanifests: [k8s]\n',
    'k8s/web.yaml': deployment,
  };
  const folder = await makeFolder(t, files);
  const { code, stdout } = await runCli(['lint', '--with', 'quota,network-policies'], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stdout, /Name each by itself: --with quota --with network-policies\./);
});

test('an address that a policy needs and nobody has given is told, and nothing is written', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/api.yaml': api });
  const args = ['render', '-f', 'k8s', '-n', 'shop', '--with', 'network-policies', '--output', 'json'];
  const run = await runCli(args, { cwd: folder });
  assert.equal(run.code, 3);
  assert.deepEqual(
    findingIds(run).filter((id) => id === 'addons/input'),
    ['addons/input'],
  );
  const finding = arrayOf(at(resultOf(run), 'findings')).find((one) => at(one, 'id') === 'addons/input');
  assert.match(stringOf(at(finding, 'cause')) ?? '', /network-policies needs data_subnet_cidrs: where caches/);
  assert.deepEqual(at(finding, 'evidence'), ['Deployment shop/web asks on 6379 (REDIS_HOST)']);
  assert.match(
    stringOf(at(finding, 'fix')) ?? '',
    /--set data_subnet_cidrs=.* Terraform output .*private_subnet_cidrs/,
  );
  assert.doesNotMatch(JSON.stringify(resultOf(run)), /needs alb_subnet_cidrs/);
});

test('web APIs, mail servers and other namespaces are let through; a host without a port is named', async (t) => {
  const env = [
    ['EXCHANGE', 'https://api.exchange.example.com:8443/v1'],
    ['PUBLIC', 'https://api.example.com'],
    ['SMTP_HOST', 'email-smtp.us-east-1.amazonaws.com'],
    ['SMTP_PORT', '587'],
    ['AUTH', 'http://auth.identity.svc.cluster.local:8080'],
    ['FEED_HOST', 'feed.example.com'],
  ].map(([name, value]) => `{ name: ${name ?? ''}, value: '${value ?? ''}' }`);
  const worldly = deployment.replace(/env: \[.*\]/, `env: [${env.join(', ')}]`);
  const folder = await makeFolder(t, { 'k8s/web.yaml': worldly });
  const args = ['-f', 'k8s', '-n', 'shop', '--with', 'network-policies'];
  const { objects, stderr, code } = await rendered(folder, args);
  assert.equal(code, 0, stderr);
  const egress = (name: string): unknown => at(find(objects, 'NetworkPolicy', name), 'spec', 'egress');
  const everywhere = [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }];
  assert.deepEqual(egress('allow-anywhere-of-web'), [
    { to: everywhere, ports: [587, 8443].map((port) => ({ protocol: 'TCP', port })) },
  ]);
  const identity = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'identity' } } };
  assert.deepEqual(egress('allow-namespaces-of-web'), [{ to: [identity] }]);
  assert.equal(find(objects, 'NetworkPolicy', 'allow-outward-of-web'), undefined);
  const linted = await runCli(['lint', ...args, '--output', 'json'], { cwd: folder });
  const found = arrayOf(at(resultOf(linted), 'findings'));
  const cause = (id: string): string =>
    stringOf(
      at(
        found.find((one) => at(one, 'id') === id),
        'cause',
      ),
    ) ?? '';
  assert.match(cause('network/unknown-port'), /FEED_HOST\./);
  assert.match(cause('network/other-namespace'), /identity/);
  assert.equal(cause('network/assumed-subnets'), '');
});

test('policies that let nobody in from outside say so, where nothing leads in', async (t) => {
  const own = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: from-anywhere }
spec: { podSelector: { matchLabels: { app: api } }, ingress: [{}] }
`;
  const folder = await makeFolder(t, { 'k8s/api.yaml': api, 'own/policy.yaml': own });
  const said = async (...more: readonly string[]): Promise<readonly string[]> => {
    const args = ['lint', '-f', 'k8s', '-n', 'shop', '--output', 'json', ...more];
    const found = arrayOf(at(resultOf(await runCli(args, { cwd: folder })), 'findings'));
    return found.filter((one) => at(one, 'id') === 'network/unasked').map((one) => stringOf(at(one, 'cause')) ?? '');
  };
  assert.deepEqual(await said('--with', 'network-policies'), [
    'Nobody may ask api: no Ingress or load balancer of the manifests leads there, and none of their pods is told to ask.',
  ]);
  assert.deepEqual(await said(), []);
  assert.deepEqual(await said('--with', 'network-policies', '-f', 'own'), []);
  const oms = async (...more: readonly string[]): Promise<readonly string[]> => {
    const args = ['lint', '--config', 'built-in', '--output', 'json', '--with', 'network-policies', ...more];
    return findingIds(await runCli(args, { cwd: folder })).filter((id) => id === 'network/unasked');
  };
  assert.deepEqual(await oms(), ['network/unasked']);
  assert.deepEqual(await oms('--with', 'ingress'), []);
});

test('an input of an add-on that is off is called that, whoever mistook it', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const args = ['render', '-f', 'k8s', '-n', 'shop', '--set', 'data_subnet_cidrs=10.0.1.0/24'];
  const { code, stderr } = await runCli(args, { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /data_subnet_cidrs, an input of what is off: network-policies\./);
  assert.match(stderr, /--with network-policies/);
});

test('the Ingress of the built-in application is no add-on of another one', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const { code, stderr } = await runCli(['render', '-f', 'k8s', '-n', 'shop', '--with', 'ingress'], { cwd: folder });
  assert.equal(code, 3);
  assert.match(stderr, /There is no add-on ingress\.[^]*Ingress among your own manifests/);
});

test('an add-on of the configuration may be told what its manifests have placeholders for', async (t) => {
  const folder = await makeFolder(t, {});
  const run = await runCli(['addons', '--config', 'built-in', '--output', 'json'], { cwd: folder });
  assert.equal(run.code, 0);
  const [ingress] = arrayOf(at(resultOf(run), 'addons'));
  assert.deepEqual(
    arrayOf(at(ingress, 'inputs')).map((input) => at(input, 'name')),
    ['certificate_arn', 'ingress_host', 'ingress_class', 'alb_idle_timeout_seconds'],
  );
  assert.equal(at(ingress, 'needs'), undefined);
});

test('beside manifests without a configuration addons lists those that any application can have', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const { code, stdout } = await runCli(['addons'], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /^Add-ons {3}the cluster was not asked: /);
  assert.match(stdout, /^. {2}network-policies /m);
  assert.doesNotMatch(stdout, /^. {2}ingress /m);
  const json = await runCli(['addons', '--output', 'json'], { cwd: folder });
  assert.equal(at(resultOf(json), 'application'), undefined);
});

test('a flag of addons that is wrong is told as one, and not as a cluster that can not be asked', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const run = await runCli(['addons', '--terraform-dir', 'nope', '--output', 'json'], { cwd: folder });
  assert.equal(run.code, 3);
  assert.deepEqual(findingIds(run), ['terraform/no-directory']);
});

test('addons lists what each may be told, with what it is without', async (t) => {
  const folder = await makeFolder(t, {
    'oms-deploy.yaml': 'application: shop\nnamespace: shop\nmanifests: [k8s]\n',
    'k8s/web.yaml': deployment,
  });
  const { code, stdout } = await runCli(['addons'], { cwd: folder });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /network-policies .*needs nothing of the cluster\n.*\n +<alb_subnet_cidrs> {2}<data_subnet_cidrs>\n/,
  );
  assert.match(stdout, / velero_namespace=velero {2}backup_schedule='0 3 \* \* \*' /);
});

test('what the quota always has in use is known: an alert for it would never end', async (t) => {
  const still = deployment
    .replace('kind: Deployment', 'kind: StatefulSet')
    .replace('replicas: 3', 'replicas: 10\n  serviceName: web');
  const used = async (files: Record<string, string>): Promise<string> => {
    const folder = await makeFolder(t, files);
    const args = ['-f', 'k8s', '-n', 'shop', '--with', 'quota', '--with', 'monitoring'];
    const { objects, stderr, code } = await rendered(folder, args);
    assert.equal(code, 0, stderr);
    const text = JSON.stringify(objects.find(({ kind }) => kind === 'PrometheusRule')?.spec);
    return /resource=~\\"([^"]*)\\"/.exec(text)?.[1] ?? 'no pattern';
  };
  assert.equal(
    await used({ 'k8s/web.yaml': still }),
    'pods|requests[.]cpu|requests[.]memory|limits[.]cpu|limits[.]memory',
  );
  assert.equal(await used({ 'k8s/web.yaml': deployment }), '');
  // 10 pods that stay beside one of an HPA with room for 10: of the pods half are always there.
  assert.equal(await used({ 'k8s/web.yaml': still, 'k8s/api.yaml': api }), '');
});

test('the configuration has add-ons on; one that there is not is told at its place', async (t) => {
  const config = 'application: shop\nnamespace: shop\nmanifests: [k8s]\naddons:\n  quota: true\n  qouta: optional\n';
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'oms-deploy.yaml': config });
  const wrong = await runCli(['render', '--output', 'json'], { cwd: folder });
  assert.equal(wrong.code, 3);
  const [finding] = [at(resultOf(wrong), 'findings')].flat();
  assert.equal(stringOf(at(finding, 'cause')), 'There is no add-on qouta.');
  assert.deepEqual([at(finding, 'file'), at(finding, 'line')], ['oms-deploy.yaml', 6]);
  assert.match(stringOf(at(finding, 'fix')) ?? '', /quota/);
  const right = await makeFolder(t, {
    'k8s/web.yaml': deployment,
    'oms-deploy.yaml': config.replace('  qouta: optional\n', ''),
  });
  assert.ok(find((await rendered(right, [])).objects, 'ResourceQuota', 'shop'));
  // Beside -f it belongs to manifests that are not all here.
  assert.equal(find((await rendered(right, ['-f', 'k8s'])).objects, 'ResourceQuota', 'shop'), undefined);
});

test('a setting of an add-on that is none is told with what it may be', async (t) => {
  const config = 'application: shop\nnamespace: shop\nmanifests: [k8s]\naddons:\n  quota: please\n';
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'oms-deploy.yaml': config });
  const run = await runCli(['render', '--output', 'json'], { cwd: folder });
  assert.equal(run.code, 3);
  const [finding] = [at(resultOf(run), 'findings')].flat();
  assert.equal(
    stringOf(at(finding, 'cause')),
    'addons.quota: must be true, false or optional, or a mapping with description and manifests',
  );
});

const store = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: store }
spec:
  serviceName: store
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec:
      containers: [{ name: store, image: 'example.com/store:1.0.0' }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: elsewhere, namespace: other }
spec:
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec:
      containers: [{ name: store, image: 'example.com/store:1.0.0' }]
`;

/** The spec of a workload's pods. */
function podSpec(objects: readonly KubernetesObject[], kind: string, name: string): JsonObject {
  return objectOf(at(find(objects, kind, name), 'spec', 'template', 'spec'));
}

test('spread and priority change each workload that says nothing of it, and no other', async (t) => {
  const own = deployment
    .replace('{ name: web }\nspec:', '{ name: own }\nspec:')
    .replace('    spec:\n', '    spec:\n      priorityClassName: mine\n      topologySpreadConstraints: []\n');
  const folder = await makeFolder(t, {
    'oms-deploy.yaml': 'application: shop\nnamespace: shop\nmanifests: [k8s]\n',
    'k8s/web.yaml': deployment,
    'k8s/store.yaml': store,
    'k8s/own.yaml': own,
  });
  const args = ['--with', 'spread', '--with', 'priority', '--set', 'priority_value=7'];
  const { objects, stderr, code } = await rendered(folder, args);
  assert.equal(code, 0, stderr);
  const web = podSpec(objects, 'Deployment', 'web');
  const selector = { matchLabels: { app: 'web' } };
  const constraint = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector };
  const hash = { matchLabelKeys: ['pod-template-hash'] };
  assert.deepEqual(web.topologySpreadConstraints, [
    { topologyKey: 'topology.kubernetes.io/zone', ...constraint, ...hash },
    { topologyKey: 'kubernetes.io/hostname', ...constraint, ...hash },
  ]);
  assert.equal(arrayOf(web.containers).length, 1);
  const sets = arrayOf(podSpec(objects, 'StatefulSet', 'store').topologySpreadConstraints);
  assert.deepEqual(
    sets.map((one) => [at(one, 'labelSelector', 'matchLabels', 'app'), at(one, 'matchLabelKeys')]),
    [
      ['store', undefined],
      ['store', undefined],
    ],
  );
  const classes = objects.filter(({ kind }) => kind === 'PriorityClass');
  assert.deepEqual(
    classes.map(({ metadata, value }) => [metadata.name, metadata.namespace, value]),
    [['shop-shop', undefined, 7]],
  );
  assert.deepEqual(
    [web, podSpec(objects, 'StatefulSet', 'store'), podSpec(objects, 'Deployment', 'own')].map(
      (one) => one.priorityClassName,
    ),
    ['shop-shop', 'shop-shop', 'mine'],
  );
  assert.deepEqual(podSpec(objects, 'Deployment', 'own').topologySpreadConstraints, []);
  const elsewhere = podSpec(objects, 'Deployment', 'elsewhere');
  assert.deepEqual([elsewhere.topologySpreadConstraints, elsewhere.priorityClassName], [undefined, undefined]);
  const metadata = find(objects, 'Deployment', 'web')?.metadata;
  assert.ok(!Object.keys(metadata?.annotations ?? {}).some((key) => key.includes('patch-each')));
});

test('what an override of the configuration says is said: the add-on leaves it alone', async (t) => {
  const config = `application: shop
namespace: shop
manifests: [k8s]
addons: { priority: true }
overrides:
  Deployment/web: { spec: { template: { spec: { priorityClassName: high } } } }
`;
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'oms-deploy.yaml': config });
  assert.equal(podSpec((await rendered(folder, [])).objects, 'Deployment', 'web').priorityClassName, 'high');
});

test('a quota for DaemonSets needs the number of nodes: each has one of their pods', async (t) => {
  const agent = deployment
    .replace('kind: Deployment', 'kind: DaemonSet')
    .replaceAll('web', 'agent')
    .replace('  replicas: 3\n', '');
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, 'k8s/agent.yaml': agent });
  const args = ['-f', 'k8s', '-n', 'shop', '--with', 'quota'];
  const open = await rendered(folder, args);
  assert.equal(open.code, 3);
  assert.match(open.stderr, /quota needs quota_nodes[^]*DaemonSet shop\/agent has a pod on each node/);
  const sized = await rendered(folder, [...args, '--set', 'quota_nodes=6']);
  assert.equal(sized.code, 0, sized.stderr);
  // web: 3 and 1 of surge.
  assert.equal(at(find(sized.objects, 'ResourceQuota', 'shop'), 'spec', 'hard', 'pods'), '10');
});

/** An input of an add-on, what nobody can make of it, and what it may be. */
const misfits: readonly (readonly [string, string, RegExp])[] = [
  ['priority', 'priority_value=high', /a whole number/],
  ['priority', 'priority_value=2000000000', /a whole number/],
  ['priority', 'priority_preemption=Always', /Never or PreemptLowerPriority/],
  ['monitoring', 'metrics_interval=half', /a duration, such as 30s/],
  ['logging', 'log_role_arn=foo', /the ARN of a role/],
  ['quota', 'quota_nodes=many', /the number of nodes/],
  ['network-policies', 'data_subnet_cidrs=10.0.0.5/20', /what is no CIDR: 10\.0\.0\.5\/20/],
];

for (const [addon, set, words] of misfits) {
  test(`told before anything is sent: ${set}`, async (t) => {
    const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
    const more = addon === 'logging' ? ['--set', 'cluster_name=c', '--set', 'aws_region=eu-west-1'] : [];
    const args = ['render', '-f', 'k8s', '-n', 'shop', '--with', addon, '--set', set, ...more];
    const { code, stderr } = await runCli(args, { cwd: folder });
    assert.equal(code, 3, stderr);
    assert.ok(stderr.includes(set.split('=')[0] ?? ''), stderr);
    assert.match(stderr, words);
  });
}
