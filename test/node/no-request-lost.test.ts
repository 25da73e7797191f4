import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { arrayOf, type JsonObject, numberOf, objectOf, stringOf } from '../../src/model/json.ts';
import type { CliResult } from '../support/cli.ts';
import { nodeOfFile } from '../support/node.ts';
import { makeOms, type Oms, omsServices } from '../support/oms.ts';
import { eventually } from '../support/sandbox.ts';
import { createPod, isReady, untilPod } from '../support/sandbox-pods.ts';

/** How many rollouts the test makes: 20 have been, a few are enough to notice that one loses requests. */
const rollouts = Number(process.env['OMS_DEPLOY_TEST_ROLLOUTS'] ?? 3);

const { skip, node } = await nodeOfFile();
before(async () => {
  if (skip !== false) return;
  const tags = ['1.4.2', '1.4.3'].flatMap((tag) => omsServices.map((name) => `crypto-oms/${name}:${tag}`));
  await node().publish([...tags, 'tools/client:1.0']);
});

/** What the client in the cluster has seen so far. */
interface Counts {
  readonly requests: number;
  readonly failed: number;
  readonly streams: number;
  readonly goneAway: number;
  readonly broken: number;
  readonly problems: readonly string[];
}

function countsOf(line: JsonObject): Counts {
  const count = (name: string): number => numberOf(line[name], -1);
  return {
    requests: count('requests'),
    failed: count('failed'),
    streams: count('streams'),
    goneAway: count('goneAway'),
    broken: count('broken'),
    problems: arrayOf(line['problems']).map((problem) => stringOf(problem) ?? ''),
  };
}

const services = [
  'http://market-data/health',
  'http://order-ingestion/ready',
  'http://risk-engine/health',
  'ws://market-data/ws/market-data',
  'ws://market-data/ws/market-data?second',
];

/** A client in the OMS's own namespace: it calls these URLs of Services, each so often, and holds WebSockets. */
async function startClient(oms: Oms, urls: readonly string[], every: string): Promise<() => Promise<Counts>> {
  const path = await createPod(node(), oms.namespace, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1654, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'client',
          image: 'registry.example/tools/client:1.0',
          args: ['client', '-every', every, ...urls],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  await untilPod(node(), path, isReady);
  return async () => {
    const { body } = await node().request('GET', `${path}/log?tailLines=1`);
    return countsOf(objectOf(JSON.parse(stringOf(body) ?? '')));
  };
}

/** New images, restarts and rollbacks, by turns. */
async function roll(oms: Oms, number: number): Promise<void> {
  if (number % 3 === 1) return restart(oms, 'market-data');
  const run = number % 3 === 0 ? await oms.up('--tag', number % 2 === 0 ? '1.4.3' : '1.4.2') : await rollBack(oms);
  assert.equal(run.code, 0, `rollout ${number}: ${run.stdout}${run.stderr}`);
}

function rollBack(oms: Oms): Promise<CliResult> {
  return oms.run('rollback', ['--yes']);
}

test(`no request is lost through ${rollouts} rollouts`, { skip }, async (t) => {
  const oms = await makeOms(t, node());
  const up = await oms.up('--tag', '1.4.2');
  assert.equal(up.code, 0, up.stdout + up.stderr);
  const counts = await startClient(oms, services, '20ms');
  for (let number = 0; number < rollouts; number += 1) {
    await roll(oms, number);
    const { failed, broken, problems } = await counts();
    assert.deepEqual({ number, failed, broken, problems }, { number, failed: 0, broken: 0, problems: [] });
  }
  // The last old pods serve on for their preStop, and say goodbye after it.
  const { requests, streams, goneAway } = await eventually(
    async () => {
      const seen = await counts();
      return seen.goneAway > 0 ? seen : undefined;
    },
    () => 'no stream was handed over',
    60_000,
  );
  t.diagnostic(`${requests} requests, ${streams} streams, of which ${goneAway} were handed over`);
  assert.ok(requests > rollouts * 100, `${requests} requests`);
});

test('without the drain settings of the templates requests are lost: the client sees it', { skip }, async (t) => {
  const oms = await makeOms(t, node());
  const up = await oms.up('--tag', '1.4.2');
  assert.equal(up.code, 0, up.stdout + up.stderr);
  await removeDrain(oms, 'market-data');
  const counts = await startClient(oms, ['http://market-data/health', 'http://market-data/ready'], '2ms');
  // One lost request is proof enough; each rollout may be lucky.
  let seen = await counts();
  for (let number = 0; number < 3 && seen.failed === 0; number += 1) {
    await restart(oms, 'market-data');
    seen = await counts();
  }
  const { requests, failed, broken, problems } = seen;
  t.diagnostic(`${failed} of ${requests} requests failed, ${broken} streams broke: ${problems[0]}`);
  assert.ok(failed > 0, `${failed} of ${requests} requests failed`);
});

/** Takes the preStop hook away, and waits until all pods are without it. */
async function removeDrain(oms: Oms, name: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${oms.namespace}/deployments/${name}`;
  const patch = { spec: { template: { spec: { containers: [{ name, lifecycle: null }] } } } };
  const { status } = await node().request('PATCH', path, patch, 'application/strategic-merge-patch+json');
  assert.equal(status, 200);
  const waited = await oms.run('rollout', ['status', name]);
  assert.equal(waited.code, 0, waited.stdout);
}

async function restart(oms: Oms, name: string): Promise<void> {
  const restarted = await oms.run('rollout', ['restart', name, '--yes']);
  assert.equal(restarted.code, 0, restarted.stdout);
}
