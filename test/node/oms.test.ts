import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { arrayOf, at, stringOf } from '../../src/model/json.ts';
import { findingIds, resultOf, runCli } from '../support/cli.ts';
import { nodeOfFile } from '../support/node.ts';
import { makeOms, omsServices } from '../support/oms.ts';

const { skip, node } = await nodeOfFile();
before(async () => {
  if (skip === false) await node().publish(omsServices.map((name) => `crypto-oms/${name}:1.4.2`));
});

test('the OMS runs as nine real pods under the restricted level, and every check of it passes', { skip }, async (t) => {
  const oms = await makeOms(t, node());
  const up = await oms.up('--tag', '1.4.2');
  assert.equal(up.code, 0, up.stdout + up.stderr);

  const { body } = await node().request('GET', `/api/v1/namespaces/${oms.namespace}`);
  assert.equal(at(body, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce'), 'restricted');
  const pods = await oms.list('/api/v1/namespaces/NS/pods');
  assert.equal(pods.length, 9);
  for (const pod of pods) {
    const [status] = arrayOf(at(pod, 'status', 'containerStatuses'));
    assert.equal(at(status, 'ready'), true);
    assert.equal(at(status, 'restartCount'), 0);
    assert.match(stringOf(at(status, 'containerID')) ?? '', /^containerd:\/\/[0-9a-f]{64}$/);
    assert.match(stringOf(at(status, 'imageID')) ?? '', /\/crypto-oms\/[a-z-]+@sha256:[0-9a-f]{64}$/);
  }

  const verify = await oms.run('verify', []);
  assert.equal(verify.code, 0, verify.stdout);
  assert.deepEqual(findingIds(verify), []);
  const checks = new Map(
    arrayOf(resultOf(verify)['checks']).map((check) => [at(check, 'id'), stringOf(at(check, 'detail'))]),
  );
  assert.equal(checks.get('pods/ready'), 'pods 9/9 ready');
  assert.equal(checks.get('hpa/metrics'), '3 HPAs have figures to scale by');
  assert.match(
    checks.get('http/probes') ?? '',
    /^\/ready and \/health answer on market-data, order-ingestion, risk-engine \(/,
  );
  assert.match(checks.get('http/websocket') ?? '', /^\/ws\/market-data opens on market-data \(/);
  assert.equal(checks.get('service/reach'), '3 Services answer from inside the pods');

  const status = await oms.run('status', []);
  assert.equal(status.code, 0, status.stdout);
  const doctor = await oms.run('doctor', []);
  assert.equal(doctor.code, 0, doctor.stdout);
  assert.deepEqual(findingIds(doctor), []);

  // The processor asks the risk engine by the name of its Service.
  const logs = await runCli(['logs', 'order-processor', '--kubeconfig', node().kubeconfig, '-n', oms.namespace]);
  assert.equal(logs.code, 0, logs.stderr);
  assert.match(logs.stdout, /"answer":"200 OK".*"url":"http:\/\/risk-engine"/);
});
