import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeApp, manifests, type TestApp } from '../support/app.ts';
import type { Picture, Size } from '../support/emulator.ts';
import { keys, noTerminal, openSession, type Session } from '../support/pty.ts';

/** Pictures of terminals, with what differs from run to run masked. `UPDATE_GOLDENS=1` writes those that are missing or differ. */
const goldens = join(import.meta.dirname, '..', 'fixtures', 'terminal');

const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
];

const k8s = (tag: string): Readonly<Record<string, string>> => ({
  'k8s/app.yaml': manifests.replace('example.com/reader:1', `example.com/reader:${tag}`),
});

/** `up` on the small application, one of whose workloads has this image tag, up to the question. */
async function begin(t: TestContext, tag: string, size: Size): Promise<{ app: TestApp; session: Session }> {
  const app = await makeApp(t, { files: k8s(tag) });
  const env = { KUBECONFIG: app.sandbox.kubeconfig, OMS_INPUT_PASSWORD: 'correct-horse' };
  const session = openSession(['up', '-n', app.namespace], app.folder, { size, env });
  await session.see('(y/N)');
  session.type(`y${keys.enter}`);
  return { app, session };
}

/** The table once one workload is ready, and the other one and its Service keep the deploy waiting. */
const isWaiting = ({ text }: Picture): boolean =>
  /other .*1\/1.* ready$/m.test(text) && /Service\/reader .*no ready endpoint/.test(text) && /reader .*0\/2/.test(text);

function masked({ text }: Picture, { namespace, sandbox }: TestApp): string {
  const lines = text
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(sandbox.server, 'SERVER')
    .replaceAll(sandbox.kubeconfig, 'KUBECONFIG')
    // Names of pods have random ends, and where they are cut depends on that.
    .replaceAll(/(Scheduled: ).*/g, '$1...')
    .replaceAll(/\b(reader|other)-[0-9a-f]{6,10}-[a-z0-9]{5}\b/g, '$1-POD')
    .replaceAll(/ {0,5}\b(\d+m )?\d+(\.\d)?s\b/g, ' #s')
    // What the kubelet says last of a pull depends on the moment.
    .replaceAll(/( {2}Failed: ).*/g, '$1...')
    .replaceAll(/( {6}proof {2})(.*\n(?: {13}.*\n)*)/g, '$1...\n')
    .replaceAll(/after \d+ s\b/g, 'after # s')
    // The API server may find out late that it has given a Service its address.
    .replaceAll(/\n {6}ClusterIPNotAllocated.*| {2}ClusterIPNotAllocated.*/g, '')
    .split('\n');
  return `${sortRuns(lines, (line) => line.startsWith('    created')).join('\n')}\n`;
}

/** What is applied at once is answered in any order. */
function sortRuns(lines: readonly string[], isPart: (line: string) => boolean): readonly string[] {
  return lines.reduce<string[]>((sorted, line) => {
    let at = sorted.length;
    while (isPart(line) && at > 0 && isPart(sorted[at - 1] ?? '') && (sorted[at - 1] ?? '') > line) at -= 1;
    sorted.splice(at, 0, line);
    return sorted;
  }, []);
}

function assertGolden(name: string, { columns, rows }: Size, text: string): void {
  const file = join(goldens, `${name}-${columns}x${rows}.txt`);
  if (process.env['UPDATE_GOLDENS'] === '1' && (!existsSync(file) || readFileSync(file, 'utf8') !== text)) {
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'), file);
}

/** The terminal had to break no line but one long word, and commands: all others are broken at spaces, below their text. */
function assertWrapped({ text }: Picture, { columns }: Size): void {
  const long = text
    .split('\n')
    .filter((line) => line.length > columns && line.trim().split(/ +/).length > 2)
    .filter((line) => !/^ +(oms-deploy|kubectl) /.test(line));
  assert.deepEqual(long, []);
}

for (const size of sizes) {
  const at = `${size.columns}x${size.rows}`;

  test(`a deploy at ${at}: the table while it waits, and all of it in the scrollback`, {
    skip: noTerminal,
  }, async (t) => {
    const { app, session } = await begin(t, 'slow-ready', size);
    const waiting = await session.until(isWaiting);
    assert.equal(waiting.isCursorShown, false);
    assertGolden('waiting', size, masked(waiting, app));
    const { code } = await session.ended;
    const end = await session.picture();
    assert.equal(code, 0, end.text);
    assert.equal(end.isCursorShown, true);
    assertWrapped(end, size);
    assertGolden('success', size, masked(end, app));
  });

  test(`a failure at ${at}`, { skip: noTerminal }, async (t) => {
    const { app, session } = await begin(t, 'image-not-found', size);
    const { code } = await session.ended;
    const end = await session.picture();
    assert.equal(code, 5, end.text);
    assert.equal(end.isCursorShown, true);
    assertWrapped(end, size);
    assertGolden('failure', size, masked(end, app));
  });

  test(`Ctrl-C at ${at}`, { skip: noTerminal }, async (t) => {
    const { app, session } = await begin(t, 'never-ready', size);
    // What the kubelet says of the probe comes after what the scheduler says.
    await session.until((picture) => isWaiting(picture) && picture.text.includes('Unhealthy'));
    session.type(keys.ctrlC);
    const { code } = await session.ended;
    const end = await session.picture();
    assert.equal(code, 130, end.text);
    assert.equal(end.isCursorShown, true);
    assertWrapped(end, size);
    assertGolden('interrupted', size, masked(end, app));
  });

  test(`another size in the middle, from ${at}`, { skip: noTerminal }, async (t) => {
    const { app, session } = await begin(t, 'slow-ready', size);
    await session.until(isWaiting);
    const other = { columns: size.columns === 80 ? 132 : 64, rows: 30 };
    session.resize(other);
    // Of the new table the reason's place tells that it is drawn for the new width.
    const resized = await session.until(
      (picture) => isWaiting(picture) && picture.text.includes('updated') === other.columns >= 100,
    );
    assertGolden(`resized-from`, size, masked(resized, app));
    const { code } = await session.ended;
    assert.equal(code, 0);
    assertGolden('success-resized-from', size, masked(await session.picture(), app));
  });
}
