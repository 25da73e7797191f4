import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOn, optionName, optionVariable, parseDuration, text, texts } from '../../../src/cli/options.ts';

const durations: readonly (readonly [string, number])[] = [
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['250ms', 250],
  ['30', 30_000],
  ['007s', 7000],
  ['596h', 2_145_600_000],
];

for (const [value, ms] of durations) {
  test(`parseDuration ${value}`, () => assert.equal(parseDuration('--timeout', value), ms));
}

for (const value of ['', '0', '0s', '-1s', '1.5m', '5 m', '5min', 's', '1h30m', '1e3', 'soon', '1234567s', '10d']) {
  test(`parseDuration refuses ${JSON.stringify(value)}`, () =>
    assert.throws(() => parseDuration('--timeout', value), {
      code: 'usage',
      message: `--timeout ${JSON.stringify(value)} is not a duration.`,
      fix: 'Write it as 90s, 5m or 1h.',
    }));
}

test('parseDuration refuses what a timer of Node would turn into 1 ms', () => {
  for (const value of ['597h', '999999h']) {
    assert.throws(() => parseDuration('--timeout', value), { code: 'usage', message: /is too long/, fix: /596h/ });
  }
});

const names: readonly (readonly [string, string, string])[] = [
  ['--terraform-dir <dir>', 'terraformDir', 'OMS_DEPLOY_TERRAFORM_DIR'],
  ['-f, --manifests <path>', 'manifests', 'OMS_DEPLOY_MANIFESTS'],
  ['-y, --yes', 'yes', 'OMS_DEPLOY_YES'],
  ['--no-color', 'color', 'OMS_DEPLOY_NO_COLOR'],
  ['--owner-pid <pid>', 'ownerPid', 'OMS_DEPLOY_OWNER_PID'],
];

for (const [flags, name, variable] of names) {
  test(`${flags} is ${name} and ${variable}`, () => {
    assert.equal(optionName(flags), name);
    assert.equal(optionVariable(flags), variable);
  });
}

test('text, texts and isOn read their own form only', () => {
  const options = { a: 'x', b: ['x', 'y'], c: true, d: undefined };
  assert.deepEqual(
    [text(options, 'a'), text(options, 'b'), text(options, 'c'), text(options, 'e')],
    ['x', ...Array(3)],
  );
  assert.deepEqual([texts(options, 'b'), texts(options, 'a'), texts(options, 'e')], [['x', 'y'], [], []]);
  assert.deepEqual([isOn(options, 'c'), isOn(options, 'a'), isOn(options, 'd')], [true, false, false]);
});
