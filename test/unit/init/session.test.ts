import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf } from '../../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';
import { keys, noTerminal, openSession } from '../../support/pty.ts';
import { configMap } from './helpers.ts';

/** Two values that nobody can know, and one that the files tell. */
function shop(t: TestContext): Promise<string> {
  const values = { redis: '${REDIS_HOST}', color: '<SHOP_COLOR>', partner: '<PARTNER_ID>' };
  const text = configMap(values).replace('{name: settings}', '{name: settings, namespace: shop}');
  return makeFolder(t, { 'k8s/a.yaml': text, 'terraform/o.tf': 'output "redis_endpoint" { value = 1 }' });
}

function assertNothingWritten(folder: string): void {
  assert.deepEqual(readdirSync(folder).sort(), ['k8s', 'terraform']);
}

test('a session at a terminal, from the first question to the next command', { skip: noTerminal }, async (t) => {
  const folder = await shop(t);
  const session = openSession(['init'], folder);
  await session.see('? Where does shop_color come from? (ConfigMap/settings data.color, k8s/a.yaml:6)');
  await session.see('not known yet');
  session.type(keys.down + keys.enter);
  await session.see('? Value of shop_color');
  session.type(`green${keys.enter}`);
  await session.see('? Where does partner_id come from?');
  session.type(keys.enter);
  const { code, screen } = await session.ended;
  assert.equal(code, 0, screen);
  assert.equal(
    screen.slice(screen.lastIndexOf('✔ oms-deploy.yaml')),
    `✔ oms-deploy.yaml is written: shop, to the namespace shop. No manifest was changed.

Inputs (3)
  redis_host  terraform output redis_endpoint  the same by its words: redis host
  shop_color  "green"                          a fixed value
  partner_id  asked for at each deploy         asked for at each deploy

What up would apply (1 object)
  config      ConfigMap settings

Next
  oms-deploy lint
  oms-deploy plan
  oms-deploy up
`,
  );
  assert.match(readFileSync(join(folder, 'oms-deploy.yaml'), 'utf8'), /^ {2}shop_color:\n {4}default: green$/m);
});

test('inputs are counted in one way: found, known, unresolved', async (t) => {
  const values = {
    redis: '${REDIS_HOST}',
    partner: '<PARTNER_ID>',
    image: '<ECR_REGISTRY>/x',
    log: '/logs/${SHARD}.log',
  };
  const folder = await makeFolder(t, {
    'k8s/a.yaml': configMap(values),
    'terraform/o.tf': 'output "redis_endpoint" { value = 1 }\noutput "ecr_url" { value = 1 }',
  });
  const { stdout, stderr } = await runCli(['init', '--yes', '--output', 'human'], { cwd: folder });
  // Those of the registry are inputs, too; what is left to a program is none.
  assert.match(stderr, /Found 1 object in k8s, 6 inputs for them; 2 Terraform outputs in terraform/);
  assert.match(stdout, /\nInputs \(5 of 6\)\n( {2}\S.*\n){5}\nUnresolved \(1 of 6\)\n {2}! partner_id/);
  const json = await runCli(['init', '--yes', '--output', 'json', '--out', 'other.yaml'], { cwd: folder });
  assert.equal(arrayOf(resultOf(json).inputs).length, 6);
});

test('Ctrl-C at a question ends with 130 and writes nothing', { skip: noTerminal }, async (t) => {
  const folder = await shop(t);
  const session = openSession(['init'], folder);
  await session.see('Where does shop_color come from?');
  session.type(keys.down + keys.enter);
  await session.see('Value of shop_color');
  session.type(`gre${keys.ctrlC}`);
  const { code, screen } = await session.ended;
  assert.equal(code, 130, screen);
  assert.match(screen, /✖ Interrupted\.\n {2}Nothing was written\.\n$/);
  assertNothingWritten(folder);
});

test('an input that is closed at a question ends with 2 and writes nothing', { skip: noTerminal }, async (t) => {
  const folder = await shop(t);
  const session = openSession(['init'], folder);
  await session.see('Where does shop_color come from?');
  session.type(keys.ctrlD);
  const { code, screen } = await session.ended;
  assert.equal(code, 2, screen);
  assert.match(screen, /✖ This needs an answer, and the input was closed: Where does shop_color come from\?/);
  assert.match(
    screen,
    /Nothing was written\.\n {2}do {2}Answer it, or give it beforehand: --yes, which leaves it open\.\n$/,
  );
  assertNothingWritten(folder);
});

test('a terminal that goes away leaves nothing behind', { skip: noTerminal }, async (t) => {
  const folder = await shop(t);
  const session = openSession(['init'], folder);
  await session.see('Where does shop_color come from?');
  session.hangUp();
  assert.notEqual((await session.ended).code, 0);
  assertNothingWritten(folder);
});

test('without a terminal the flag is named, and nothing is written', async (t) => {
  const folder = await shop(t);
  const { code, stderr } = await runCli(['init'], { cwd: folder });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /nobody can be asked here\.[\s\S]*--yes/);
  assertNothingWritten(folder);
  assert.equal((await runCli(['init', '--yes'], { cwd: folder })).code, 0);
  assert.ok(existsSync(join(folder, 'oms-deploy.yaml')));
});
