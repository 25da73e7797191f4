import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namingVariables, unknownVariables } from '../../../src/cli/variables.ts';
import { DeployError } from '../../../src/errors.ts';
import { runCli } from '../../support/cli.ts';

test('a variable that looks like one of ours and is none is a warning', () => {
  const env = { OMS_DEPLOY_YESS: '1', OMS_DEPLOY_XYZZYXYZZY: '', OMS_INPUT_A: 'b', PATH: '/bin' };
  const found = unknownVariables(env).map(({ cause, severity, fix }) => [cause.split(' ')[0], severity, fix]);
  assert.deepEqual(found, [
    ['OMS_DEPLOY_XYZZYXYZZY', 'warning', 'Take it away, or see oms-deploy help environment.'],
    ['OMS_DEPLOY_YESS', 'warning', 'Did you mean OMS_DEPLOY_YES?'],
  ]);
});

test('variables of flags of any command, and those without a flag, are known', () => {
  const names = ['YES', 'STATE', 'DEBUG', 'SANDBOX_BIN', 'TEST_SANDBOX', 'NO_COLOR', 'OUTPUT', 'OWNER_PID', 'WATCH'];
  assert.deepEqual(unknownVariables(Object.fromEntries(names.map((name) => [`OMS_DEPLOY_${name}`, '1']))), []);
});

test('the warning is shown by a run, which goes on', async () => {
  const { code, stderr } = await runCli(['lint'], { env: { OMS_DEPLOY_YESS: '1' } });
  assert.equal(code, 0);
  assert.match(stderr, /OMS_DEPLOY_YESS is set, and there is no such variable[^]*Did you mean OMS_DEPLOY_YES\?/);
});

test('an error about a flag names the variable that gave its value', async () => {
  const env = { OMS_DEPLOY_TIMEOUT: 'abc' };
  const said = /--timeout "abc" is not a duration\.\n.*--timeout is what the variable OMS_DEPLOY_TIMEOUT says\./;
  assert.match((await runCli(['up', '--config', 'built-in'], { env })).stderr, said);
  const typed = await runCli(['up', '--config', 'built-in', '--timeout', 'x'], { env });
  assert.match(typed.stderr, /--timeout "x" is not a duration/);
  assert.doesNotMatch(typed.stderr, /OMS_DEPLOY_TIMEOUT/);
});

test('other errors, and other flags, stay as they are', () => {
  const about = new DeployError('usage', '--tag x is no tag.');
  assert.equal(namingVariables(about, { fromVariables: ['--timeout'] }), about);
  const other = new DeployError('failed', '--tag x failed.');
  assert.equal(namingVariables(other, { fromVariables: ['--tag'] }), other);
  const longer = new DeployError('usage', '--tags x is nothing.');
  assert.equal(namingVariables(longer, { fromVariables: ['--tag'] }), longer);
});
