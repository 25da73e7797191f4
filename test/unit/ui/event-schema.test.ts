import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../../../src/cli/commands/index.ts';
import { isObject, type JsonObject, objectOf } from '../../../src/model/json.ts';
import { eventJsonSchema } from '../../../src/ui/event-schema.ts';
import { resultShapes } from '../../../src/ui/schema/results.ts';
import { resultOf, runCli } from '../../support/cli.ts';
import { schemaProblems } from '../../support/schema.ts';

const dist = new URL('../../../dist/', import.meta.url);

test('every command has a schema of its result', () => {
  assert.deepEqual(Object.keys(resultShapes).sort(), commands.map(({ name }) => name).sort());
});

test('the build publishes the schema, and the program prints it, in JSON as a valid line itself', async () => {
  const published: unknown = JSON.parse(readFileSync(new URL('events.schema.json', dist), 'utf8'));
  const schema: unknown = JSON.parse(JSON.stringify(eventJsonSchema()));
  assert.deepEqual(published, schema);
  const printed = await runCli(['config', 'schema', '--events']);
  assert.deepEqual(JSON.parse(printed.stdout), schema);
  const line = resultOf(await runCli(['config', 'schema', '--events', '--output', 'json']));
  assert.deepEqual([line.schema, line.jsonSchema], ['oms-deploy/v1', schema]);
  assert.equal((await runCli(['config', 'show', '--events'])).code, 2);
});

test('every object of the schema is strict, and a definition that is named is there', () => {
  const schema = eventJsonSchema();
  const names = new Set(Object.keys(objectOf(schema.$defs)));
  let objects = 0;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isObject(node)) return;
    if (typeof node.$ref === 'string') assert.ok(names.has(node.$ref.replace('#/$defs/', '')), node.$ref);
    if (isObject(node.properties)) {
      objects += 1;
      assert.equal(node.additionalProperties, false, JSON.stringify(node).slice(0, 200));
    }
    Object.values(node).forEach(visit);
  };
  visit(JSON.parse(JSON.stringify(schema)));
  assert.ok(objects > 60, `${objects} objects`);
});

const step: JsonObject = { schema: 'oms-deploy/v1', time: 'now', type: 'step', name: 'a', message: 'b' };
const logs: JsonObject = {
  ...{ schema: 'oms-deploy/v1', time: 'now', type: 'result', command: 'logs' },
  ok: true,
  exitCode: 0,
  findings: [],
};

test('what breaks the schema is seen: the check of all other tests', () => {
  assert.equal(schemaProblems(step), '');
  assert.equal(schemaProblems(logs), '');
  const broken: readonly JsonObject[] = [
    { ...step, more: 1 },
    { ...step, message: 1 },
    { ...step, schema: 'oms-deploy/v2' },
    { ...step, type: 'other' },
    { ...logs, exitCode: 3 },
    { ...logs, command: 'up' },
    { ...logs, ok: false, error: { code: 'bug', message: 'a', why: null, fix: null } },
    { ...logs, findings: [{ id: 'a/b' }] },
  ];
  for (const line of broken) assert.notEqual(schemaProblems(line), '', JSON.stringify(line));
});

test('no file of the bundle that a command loads holds it, but the one that config schema loads', () => {
  const holders = readdirSync(dist).filter(
    (name) =>
      name.endsWith('.js') && readFileSync(new URL(name, dist), 'utf8').includes('an ExecCredential, as kubectl'),
  );
  const current = holders.filter((name) => name.startsWith('event-schema-'));
  assert.deepEqual(holders, current);
  assert.ok(current.length > 0);
});
