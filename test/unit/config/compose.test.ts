import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { DeployError } from '../../../src/errors.ts';
import { formatPlace } from '../../../src/model/finding.ts';

/** `place id cause fix` of what is wrong with the inputs of a configuration. */
async function mistakes(t: TestContext, inputs: string): Promise<readonly string[]> {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-compose-'));
  t.after(() => rm(cwd, { recursive: true }));
  const text = `application: shop\nnamespace: shop\nmanifests: [k8s]\n${inputs}`;
  await writeFile(join(cwd, 'oms-deploy.yaml'), text);
  const error = await loadConfig({ cwd }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return [];
  assert.ok(error instanceof DeployError, String(error));
  return error.findings.map((one) => `${formatPlace(one)} ${one.id} ${one.cause} ${one.fix}`);
}

test('a piece that names no input is an error at its place: it would be left out without a word', async (t) => {
  const text = `inputs:
  db_password: {optional: true}
  url:
    compose:
      - db://\${db_pasword|uri}\${}
      - {when: db_passwort, text: ":\${db_password|base64}"}
      - {when: other, text: ""}
      - {when: [db_password, another], text: ""}
`;
  assert.deepEqual(await mistakes(t, text), [
    'oms-deploy.yaml:8:9 inputs/unknown The input url is composed of db_pasword, which is no input. Did you mean db_password?',
    'oms-deploy.yaml:8:9 inputs/unknown The input url is composed of a reference without a name, which is no input. Correct it, or declare the input under inputs:.',
    'oms-deploy.yaml:9:10 inputs/unknown The input url is composed of db_passwort, which is no input. Did you mean db_password?',
    'oms-deploy.yaml:9:29 inputs/unknown-filter The input url is composed with the unknown filter |base64. Use |uri, the only one there is, or none.',
    'oms-deploy.yaml:10:10 inputs/unknown The input url is composed of other, which is no input. Correct it, or declare the input under inputs:.',
    'oms-deploy.yaml:11:10 inputs/unknown The input url is composed of another, which is no input. Correct it, or declare the input under inputs:.',
  ]);
});

test('a piece is told beside other mistakes, and in the environment that has it', async (t) => {
  const text = `inputs: {a: {}, b: {compose: [x]}, c: {compos: [x]}}
environments:
  dev: {}
  prod: {inputs: {b: {compose: ["\${d}"]}, a: null}}
  sub: {inputs: {b: {compose: ["\${a}"]}}}
`;
  const found = await mistakes(t, text);
  assert.deepEqual(
    found.map((one) => one.split(' ').slice(0, 2).join(' ')),
    ['oms-deploy.yaml:4:40 config/invalid', 'oms-deploy.yaml:7:33 inputs/unknown'],
  );
});

test('each circle is named once, at the piece that closes it', async (t) => {
  const text = `inputs:
  a: {compose: ["\${b}"]}
  b: {compose: ["\${c}", "\${d}"]}
  c: {compose: ["x", {when: d, text: "\${a}"}]}
  d: {compose: ["x"]}
  e: {compose: ["\${e}\${e}"]}
`;
  const fix = 'Break the circle: compose one of them of something else, or give it sources.';
  assert.deepEqual(await mistakes(t, text), [
    `oms-deploy.yaml:7:32 inputs/cycle The composed inputs need each other: a -> b -> c -> a. ${fix}`,
    `oms-deploy.yaml:9:17 inputs/cycle The composed inputs need each other: e -> e. ${fix}`,
  ]);
});
