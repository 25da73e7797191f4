import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeApp } from '../support/app.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

/** A relay of bytes before the API server. */
interface Relay {
  readonly kubeconfig: string;
  /** Connections that are open now pass nothing on any more, and stay open. */
  stall(): void;
  /** Connections that are open now are cut. */
  cut(): void;
}

async function startRelay(t: TestContext, server: string, kubeconfig: string, folder: string): Promise<Relay> {
  const { port } = new URL(server);
  const open = new Set<readonly [Socket, Socket]>();
  const relay = createServer((inside) => {
    const outside = connect(Number(port), '127.0.0.1');
    const pair = [inside, outside] as const;
    open.add(pair);
    inside.pipe(outside).pipe(inside);
    for (const [end, other] of [pair, [outside, inside] as const]) {
      end.on('error', () => other.destroy());
      end.on('close', () => {
        other.destroy();
        open.delete(pair);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => {
    for (const [inside] of open) inside.destroy();
    relay.close();
  });
  const file = join(folder, 'kubeconfig');
  const text = await readFile(kubeconfig, 'utf8');
  await writeFile(file, text.replaceAll(`:${port}`, `:${(relay.address() as AddressInfo).port}`), { mode: 0o600 });
  return {
    kubeconfig: file,
    stall() {
      for (const [inside, outside] of open) {
        inside.unpipe(outside).pause();
        outside.unpipe(inside).pause();
      }
    },
    cut() {
      for (const [inside] of open) inside.destroy();
    },
  };
}

for (const fault of ['cut', 'stall'] as const) {
  test(`watches whose connections ${fault} in the middle of a wait neither end nor hang it`, async (t) => {
    const files = { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': deploymentYaml('a', { tag: 'slow-ready' }) };
    const app = await makeApp(t, { files });
    const relay = await startRelay(t, app.sandbox.server, app.sandbox.kubeconfig, app.folder);
    let done = false;
    const run = await app.run('up', ['--yes', '--timeout', '2m', '--kubeconfig', relay.kubeconfig], {
      onOutput: (printed) => {
        if (done || !printed.includes('0 of 1 pods ready')) return;
        done = true;
        relay[fault]();
      },
    });
    assert.equal(run.code, 0, run.stdout);
    assert.ok(done);
    // A silent watch is begun anew after 20 s: far from the timeout.
    const elapsedMs = Number(/"type":"ready".*?"elapsedMs":(\d+)/.exec(run.stdout)?.[1]);
    assert.ok(elapsedMs < 60_000, `${elapsedMs} ms`);
  });
}
