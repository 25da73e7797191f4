import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs the tests: `npm test` all of them, `npm test -- unit` or `npm test -- cluster/up` a part. It builds the bundle and
 * starts the sandbox that test/cluster shares; the sandbox ends with this process, however that ends. Those of test/node
 * come first, with a count of their own: each starts a real node.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const tsx = ['--import', 'tsx'];

const wanted = process.argv.slice(2);
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.startsWith(part)))
  .sort();

async function main(): Promise<number> {
  if (files.length === 0) {
    process.stderr.write(`No test file starts with ${wanted.join(' or ')}.\n`);
    return 2;
  }
  const built = await run([...tsx, 'scripts/build.ts'], {});
  if (built.code !== 0) return built.code;
  const onNode = files.filter((file) => file.startsWith('node/'));
  const others = files.filter((file) => !file.startsWith('node/'));
  // Real pods measure time, and two cores hold one application of nine: first, and one after the other.
  const first = onNode.length === 0 ? 0 : await runTests(onNode, 1, {});
  return (others.length === 0 ? 0 : await runOthers(others)) || first;
}

async function runOthers(files: readonly string[]): Promise<number> {
  const needsSandbox = files.some((file) => file.startsWith('cluster'));
  const state = mkdtempSync(join(tmpdir(), 'oms-deploy-sandbox-'));
  try {
    const env = needsSandbox ? await startSandbox(state) : {};
    if (env === undefined) return 1;
    // Cluster tests mostly wait for the cluster: more of them than there are cores.
    return await runTests(files, 4, env);
  } finally {
    if (needsSandbox)
      await run(['bin/oms-deploy.js', 'sandbox', 'stop', '--state', join(state, 'sandbox'), '--quiet'], {});
    rmSync(state, { recursive: true, force: true });
  }
}

async function runTests(
  files: readonly string[],
  atOnce: number,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const paths = files.map((file) => join('test', file));
  return (await run([...tsx, '--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...paths], env)).code;
}

async function startSandbox(state: string): Promise<Readonly<Record<string, string>> | undefined> {
  const args = [
    'sandbox',
    'start',
    '--state',
    join(state, 'sandbox'),
    '--owner-pid',
    String(process.pid),
    '--output',
    'json',
  ];
  const started = await run(['bin/oms-deploy.js', ...args], {}, (line) => {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null && 'message' in event)
      process.stderr.write(`${String(event.message)}\n`);
  });
  const result = started.lines.at(-1) ?? '';
  if (started.code !== 0) {
    process.stderr.write(`The sandbox did not start: ${result}\n`);
    return undefined;
  }
  const file = join(state, 'sandbox.json');
  writeFileSync(file, result);
  return { OMS_DEPLOY_TEST_SANDBOX: file };
}

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs Node on `args`; with `onLine` its stdout is read line by line, else it is passed on. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      onLine?.(line);
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, lines }));
  });
}

process.exitCode = await main();
