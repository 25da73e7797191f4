import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at, objectOf } from '../../src/model/json.ts';
import { eventsOf, resultOf } from '../support/cli.ts';
import { makeOms, omsPassword } from '../support/oms.ts';
import { eventually } from '../support/sandbox.ts';

test('the OMS: 9 pods ready under the restricted pod security level, HPA targets known, nothing to change after', async (t) => {
  const oms = await makeOms(t);
  const run = await oms.up('--output', 'json', '--set', 'image_tag=1.4.2');
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(resultOf(run).changes, { created: 18, updated: 0, unchanged: 0, deleted: 0 });
  assert.deepEqual(resultOf(run).findings, []);
  const pods = await oms.list('/api/v1/namespaces/NS/pods');
  const ready = pods.filter((pod) =>
    arrayOf(at(pod, 'status', 'conditions')).some(
      (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
    ),
  );
  assert.equal(ready.length, 9);
  assert.equal(pods.length, 9);
  await eventually(
    async () => {
      const hpas = await oms.list('/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers');
      const known = hpas.filter((hpa) => arrayOf(at(hpa, 'status', 'currentMetrics')).length === 2);
      return known.length === 3 ? known : undefined;
    },
    () => 'the HPA targets stay unknown',
    60_000,
  );
  const again = await oms.up('--output', 'json', '--tag', '1.4.2');
  assert.deepEqual(resultOf(again).changes, { created: 0, updated: 0, unchanged: 18, deleted: 0 });
});

test('connection strings are composed and percent-encoded; the canary secret appears nowhere in the output', async (t) => {
  const oms = await makeOms(t);
  const runs = [
    await oms.up('--verbose', '--output', 'human', '--tag', '1.4.2'),
    await oms.up('--verbose', '--tag', '1.4.2'),
    await oms.up('--verbose', '--output', 'json', '--tag', '1.4.2'),
  ];
  for (const run of runs) assert.equal(run.code, 0, run.stderr);
  const secret = objectOf(
    (await oms.sandbox.request('GET', `/api/v1/namespaces/${oms.namespace}/secrets/app-secrets`)).body,
  );
  const data = Object.fromEntries(
    Object.entries(objectOf(secret.data)).map(([key, value]) => [
      key,
      Buffer.from(String(value), 'base64').toString('utf8'),
    ]),
  );
  assert.equal(data['documentdb-password'], omsPassword);
  const uri = String(data['documentdb-connection-string']);
  assert.match(
    uri,
    /^mongodb:\/\/oms%40app:cAnAry%3A%2F%40%251%20%27%23%26%7Bx%7D@crypto-oms-dev\..*:27017\/.*tls=true.*retryWrites=false/,
  );
  assert.match(String(data['redis-connection-string']), /^master\..*:6379,ssl=True,abortConnect=False$/);
  assert.equal('redis-password' in data, false, 'an optional input without a value leaves no key');
  const printed = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  const encoded = Buffer.from(omsPassword).toString('base64');
  for (const form of [omsPassword, 'cAnAry', encoded, encoded.slice(4, 20), encodeURIComponent(omsPassword), uri]) {
    assert.ok(!printed.includes(form), `${form} was printed`);
  }
});

test('the ingress is off by default and there with --with ingress; an unknown add-on is refused', async (t) => {
  const oms = await makeOms(t);
  const run = await oms.up('--output', 'json', '--with', 'ingress', '--tag', '1.4.2');
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(resultOf(run).changes, { created: 19, updated: 0, unchanged: 0, deleted: 0 });
  const [ingress] = await oms.list('/apis/networking.k8s.io/v1/namespaces/NS/ingresses');
  assert.equal(at(ingress, 'metadata', 'name'), 'crypto-oms-ingress');
  const unknown = await oms.up('--output', 'json', '--with', 'egress', '--tag', '1.4.2');
  assert.equal(unknown.code, 3);
  assert.match(unknown.stdout, /There is no add-on egress.*Did you mean ingress/);
});

test('a changed log level restarts the pods that read it, and the plan said so', async (t) => {
  const oms = await makeOms(t);
  assert.equal((await oms.up('--output', 'json', '--tag', '1.4.2')).code, 0);
  const run = await oms.up('--output', 'json', '--set', 'log_level=Debug', '--tag', '1.4.2');
  assert.equal(run.code, 0, run.stdout);
  const plan = eventsOf(run).find(({ type }) => type === 'plan');
  const notes = arrayOf(plan?.objects).flatMap((object) => arrayOf(at(object, 'notes')).map(String));
  assert.ok(notes.includes('restarts 3 pods: reads ConfigMap app-config'), notes.join('\n'));
});

test('without a tag nothing is deployed: the input is asked for, latest is refused at each place, allowed it is only warned of', async (t) => {
  const oms = await makeOms(t);
  const none = await oms.up('--output', 'json');
  assert.equal(none.code, 3);
  assert.deepEqual(
    arrayOf(resultOf(none).findings).map((one) => at(one, 'id')),
    ['inputs/missing'],
  );
  const latest = await oms.up('--output', 'json', '--tag', 'latest');
  assert.equal(latest.code, 3, latest.stdout);
  const places = arrayOf(resultOf(latest).findings).map((one) => [at(one, 'id'), at(one, 'severity'), at(one, 'line')]);
  assert.equal(places.length, 4);
  for (const [id, severity, line] of places) {
    assert.deepEqual([id, severity], ['images/latest', 'error']);
    assert.ok(Number(line) > 50, 'the line of the image, not of the object');
  }
  const allowed = await oms.up('--output', 'json', '--tag', 'latest', '--allow-latest');
  assert.equal(allowed.code, 0, allowed.stdout);
});
