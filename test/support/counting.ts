import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TestApp } from './app.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';

/** The way to the sandbox through a relay of bytes that counts connections. */
export async function startCounting(
  t: TestContext,
  { sandbox, folder }: Pick<TestApp, 'sandbox' | 'folder'>,
): Promise<{ readonly proxy: CountingProxy; readonly kubeconfig: string }> {
  const { port } = new URL(sandbox.server);
  const proxy = await startCountingProxy(Number(port));
  t.after(() => proxy.close());
  const kubeconfig = join(folder, 'counted');
  const text = await readFile(sandbox.kubeconfig, 'utf8');
  await writeFile(kubeconfig, text.replaceAll(`:${port}`, `:${proxy.port}`), { mode: 0o600 });
  return { proxy, kubeconfig };
}
