import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder, runCli } from '../../support/cli.ts';

/** A command line as a step of a workflow: what the step has from it. */
async function step(t: TestContext, args: readonly string[]) {
  const cwd = await makeFolder(t, { summary: '', output: '' });
  const files = { GITHUB_STEP_SUMMARY: join(cwd, 'summary'), GITHUB_OUTPUT: join(cwd, 'output') };
  const run = await runCli(args, { cwd, env: { CI: 'true', GITHUB_ACTIONS: 'true', ...files } });
  const read = (name: string): Promise<string> => readFile(join(cwd, name), 'utf8');
  return { ...run, summary: await read('summary'), output: await read('output') };
}

for (const [what, args, message] of [
  ['a flag that there is not', ['--nope'], /\*\*Unknown option &#39;--nope&#39;\.\*\*/],
  ['the same as JSON', ['--nope', '--output', 'json'], /\*\*Unknown option &#39;--nope&#39;\.\*\*/],
  ['a report that cannot be written', ['--report', 'no/x.html'], /\*\*--report .*no\/x\.html can&#39;t be written/],
] as const) {
  test(`${what} ends a step before its run: it has a summary and its outputs all the same`, async (t) => {
    const { code, summary, output } = await step(t, ['up', ...args]);
    assert.equal(code, 2);
    assert.match(summary, /^### oms-deploy up: failed &#40;exit code 2&#41;\n\n/);
    assert.match(summary, message);
    assert.match(summary, /\n\nWhat to do: /);
    assert.match(output, /^changed<<(end_\S+)\nfalse\n\1$/m);
    assert.match(output, /^release<<(end_\S+)\n\n\1$/m);
  });
}

test('a command that releases nothing has no outputs then either, and one whose runs have no summary has none', async (t) => {
  const verify = await step(t, ['verify', '--junit', 'no/x.xml']);
  assert.match(verify.summary, /### oms-deploy verify: failed[\s\S]*--junit .*no\/x\.xml can&#39;t be written/);
  assert.equal(verify.output, '');
  const token = await step(t, ['token', '--nope']);
  assert.deepEqual([token.summary, token.output], ['', '']);
});
