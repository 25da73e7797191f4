import assert from 'node:assert/strict';
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import { findAssets } from '../../../src/sandbox/assets.ts';
import { findBinaries, moduleFiles } from '../../../src/sandbox/binaries.ts';
import { buildKey, formatElapsed } from '../../../src/sandbox/build.ts';
import { recordingContext } from './context.ts';

async function tempDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'oms-deploy-binaries-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function writeExecutable(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

/** A `go` that answers `version` and for `install` runs `install` as shell commands; $1 is the tool's name. */
async function fakeGo(dir: string, install: string, version = 'go1.26.8'): Promise<string> {
  const bin = join(dir, 'go-bin');
  await mkdir(bin);
  const script = `#!/bin/sh
if [ "$1" = version ]; then echo "go version ${version} linux/amd64"; exit 0; fi
for last; do :; done
case "$last" in */server/v3) name=server;; *) name="\${last##*/}";; esac
${install}
`;
  await writeExecutable(join(bin, 'go'), script);
  return [bin, process.env['PATH'] ?? ''].join(delimiter);
}

async function refusal(work: Promise<unknown>): Promise<DeployError> {
  const error = await work.then(
    () => assert.fail('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DeployError, String(error));
  return error;
}

test('OMS_DEPLOY_SANDBOX_BIN: what is missing or not executable is named', async (t) => {
  const dir = await tempDir(t);
  for (const name of ['server', 'kube-apiserver', 'kube-scheduler']) await writeExecutable(join(dir, name), '');
  await writeFile(join(dir, 'kwok'), '', { mode: 0o644 });
  const { context } = recordingContext({ OMS_DEPLOY_SANDBOX_BIN: dir }, dir);
  const error = await refusal(findBinaries(context));
  assert.equal(error.code, 'usage');
  assert.match(error.message, /lacks kube-controller-manager, kwok\.$/);
});

test('OMS_DEPLOY_SANDBOX_BIN: a complete folder is taken as it is', async (t) => {
  const dir = await tempDir(t);
  const names = ['server', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];
  for (const name of names) await writeExecutable(join(dir, name), '');
  assert.equal(await findBinaries(recordingContext({ OMS_DEPLOY_SANDBOX_BIN: dir }, dir).context), dir);
});

test('without Go the message says what to install and what else helps', async (t) => {
  const dir = await tempDir(t);
  const error = await refusal(findBinaries(recordingContext({ PATH: join(dir, 'empty') }, dir).context));
  assert.equal(error.code, 'usage');
  assert.equal(error.why, 'There is no `go` on the PATH.');
  assert.match(error.fix ?? '', /Install Go 1\.26 or newer.*OMS_DEPLOY_SANDBOX_BIN/);
});

test('an old Go is refused with its version', async (t) => {
  const dir = await tempDir(t);
  const path = await fakeGo(dir, 'exit 1', 'go1.25.3');
  const error = await refusal(findBinaries(recordingContext({ PATH: path }, dir).context));
  assert.equal(error.code, 'usage');
  assert.match(error.why ?? '', /go1\.25\.3/);
});

test('a failed build shows the end of the output and the log, and leaves no half folder', async (t) => {
  const dir = await tempDir(t);
  const path = await fakeGo(
    dir,
    'if [ "$name" = kube-scheduler ]; then echo "x.go:1: undefined: y" >&2; exit 2; fi; : > "$GOBIN/$name"',
  );
  const { context } = recordingContext({ PATH: path, XDG_CACHE_HOME: dir }, dir);
  const error = await refusal(findBinaries(context));
  assert.equal(error.code, 'failed');
  assert.match(error.message, /kube-scheduler could not be built.*code 2/);
  assert.match(error.why ?? '', /undefined: y/);
  const left = await readdir(join(dir, 'oms-deploy', 'control-plane'));
  assert.equal(left.length, 1, left.join(' '));
  assert.ok((error.fix ?? '').includes(join(dir, 'oms-deploy', 'control-plane', left[0] ?? '')));
});

test('a build is kept: two at once both succeed, a third builds nothing', async (t) => {
  const dir = await tempDir(t);
  const path = await fakeGo(dir, 'printf "#!/bin/sh\\n" > "$GOBIN/$name"; chmod +x "$GOBIN/$name"');
  const { context, events } = recordingContext({ PATH: path, XDG_CACHE_HOME: dir }, dir);
  const [one, two] = await Promise.all([findBinaries(context), findBinaries(context)]);
  assert.equal(one, two);
  const said = events.map((event) => (event.type === 'step' ? event.message : event.type));
  assert.ok(
    said.some((line) => line.startsWith('building kube-apiserver (2 of 5), 0 s')),
    said.join('\n'),
  );
  events.length = 0;
  await findBinaries(context);
  assert.deepEqual(events, []);
  assert.equal((await readdir(one)).length, 5);
});

test('the cache key changes with go.sum', async (t) => {
  const dir = await tempDir(t);
  await cp(findAssets().controlPlaneDir, dir, { recursive: true });
  const before = await buildKey(moduleFiles(dir));
  assert.match(before, /^[0-9a-f]{16}$/);
  assert.equal(before, await buildKey(moduleFiles(findAssets().controlPlaneDir)));
  await appendFile(join(dir, 'go.sum'), 'example.com/x v1.0.0 h1:=\n');
  assert.notEqual(await buildKey(moduleFiles(dir)), before);
  assert.match(await readFile(join(dir, 'go.mod'), 'utf8'), /k8s\.io\/kubernetes v1\.36/);
});

test('elapsed time in words', () => {
  assert.deepEqual([400, 59_000, 80_000].map(formatElapsed), ['0 s', '59 s', '1 min 20 s']);
});
