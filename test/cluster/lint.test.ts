import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { kindOf } from '../../src/kinds/index.ts';
import { type FieldTable, loadFieldTable } from '../../src/lint/fields.ts';
import { runRule } from '../../src/lint/lint.ts';
import { newerFields } from '../../src/lint/newer-fields.ts';
import { rules } from '../../src/lint/rules/index.ts';
import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { formatOrigin, formatRef, pluralOf } from '../../src/model/object.ts';
import { config, makeApp, manifests } from '../support/app.ts';
import { findingIds, resultOf, runCli } from '../support/cli.ts';
import { getSandbox, type TestSandbox } from '../support/sandbox.ts';
import { factsFrom, fixtureOf } from '../unit/lint/fixtures.ts';

/** What the API server says of a server-side apply that is only tried, as a deploy tries it; undefined where it takes it. */
async function refusal({ body, ref }: Manifest, namespace: string, sandbox: TestSandbox): Promise<string | undefined> {
  const isNamespaced = kindOf(ref)?.namespaced ?? true;
  const api = ref.apiVersion.includes('/') ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`;
  const place = isNamespaced ? `/namespaces/${namespace}` : '';
  const path = `${api}${place}/${pluralOf(ref.kind)}/${encodeURIComponent(ref.name)}`;
  const query = 'dryRun=All&fieldManager=oms-deploy&fieldValidation=Strict&force=true';
  const metadata = isNamespaced ? { ...body.metadata, namespace } : body.metadata;
  const { status, body: answer } = await sandbox.request(
    'PATCH',
    `${path}?${query}`,
    { ...body, metadata },
    'application/apply-patch+yaml',
  );
  if (status < 300) return undefined;
  return `${status} ${stringOf(at(answer, 'message')) ?? JSON.stringify(answer)}`;
}

/** Whether all of a manifest is there: an open place is no value. */
function isWhole({ body }: Manifest): boolean {
  return !JSON.stringify(body).includes('\\u0001');
}

for (const rule of rules.filter(({ leftTo, severity }) => leftTo === 'server' && severity === 'error')) {
  test(`${rule.id}: the API server refuses what lint calls an error`, async (t) => {
    const sandbox = await getSandbox();
    const namespace = await sandbox.createNamespace('lint', t);
    const facts = await factsFrom(readFileSync(fixtureOf(rule.id, 'breaks'), 'utf8'));
    const found = new Set(
      runRule(rule, facts).flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)])),
    );
    const wrong = facts.manifests.filter(({ ref }) => found.has(formatRef(ref)));
    const said = await Promise.all(
      wrong.map(async (one) => ({ place: formatOrigin(one.origin), said: await refusal(one, namespace, sandbox) })),
    );
    assert.deepEqual(
      said.filter((one) => one.said === undefined),
      [],
    );
    for (const one of said) t.diagnostic(`${one.place}: ${one.said?.slice(0, 200) ?? ''}`);
  });
}

test('what no rule calls an error is taken by the API server', async (t) => {
  const sandbox = await getSandbox();
  const namespace = await sandbox.createNamespace('lint', t);
  const refused: string[] = [];
  for (const { id } of rules) {
    const facts = await factsFrom(readFileSync(fixtureOf(id, 'keeps'), 'utf8'));
    const errors = rules.flatMap((rule) => runRule(rule, facts)).filter(({ severity }) => severity === 'error');
    const bad = new Set(errors.flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)])));
    const good = facts.manifests.filter(
      (one) =>
        isWhole(one) && !bad.has(formatRef(one.ref)) && (kindOf(one.ref) !== undefined || one.ref.kind === 'IPAddress'),
    );
    for (const one of good.filter(({ ref }) => ref.kind !== 'ExternalSecret')) {
      const said = await refusal(one, namespace, sandbox);
      if (said !== undefined) refused.push(`${id} keeps.yaml:${one.origin.line} ${said}`);
    }
  }
  assert.deepEqual(refused, []);
});

test('a plan shows the warnings of lint once, advice on request, and leaves to the API server what that refuses', async (t) => {
  const wrong = manifests
    .replace(
      '          readinessProbe: {httpGet: {path: /ready, port: 80}}\n          env:\n            - {name: LEVEL',
      '          env:\n            - {name: LEVEL',
    )
    .replace('  ports: [{name: http, port: 80}]', '  ports: [{name: http, port: 80}, {name: none, port: 0}]');
  const app = await makeApp(t, { files: { 'k8s/app.yaml': wrong } });
  const linted = await runCli(['lint', '--output', 'json'], { cwd: app.folder });
  const ids = findingIds(linted);
  for (const id of ['probes/missing', 'syntax/port', 'security/root'])
    assert.ok(ids.includes(id), `${id} is not among ${ids.join(', ')}`);
  const planned = findingIds(await app.run('plan'));
  assert.deepEqual(planned.filter((id) => id === 'probes/missing').length, 1);
  assert.ok(!planned.some((id) => ['syntax/port', 'security/root', 'quota/missing'].includes(id)), planned.join(', '));
  assert.ok(planned.includes('manifests/invalid-field'));
  const fixed = wrong.replace(', {name: none, port: 0}', '');
  await writeFile(join(app.folder, 'k8s/app.yaml'), fixed);
  assert.deepEqual(findingIds(await app.run('plan')), ['probes/missing']);
  const advised = findingIds(await app.run('plan', ['--verbose']));
  assert.ok(
    ['probes/missing', 'security/root', 'quota/missing'].every((id) => advised.includes(id)),
    advised.join(', '),
  );
  await writeFile(
    join(app.folder, 'oms-deploy.yaml'),
    `${config}checks: {ignore: [{id: probes/missing, object: Deployment/reader, reason: a stub}]}\n`,
  );
  assert.deepEqual(findingIds(await app.run('up', ['--yes'])), []);
});

test('the program knows every field of the kinds that the API server has', async () => {
  const sandbox = await getSandbox();
  const { body } = await sandbox.request('GET', '/openapi/v2');
  const definitions = objectOf(at(body, 'definitions'));
  const table = await loadFieldTable();
  const unknown = new Map<string, Set<string>>();
  const seen = new Set<string>();
  for (const [name, definition] of Object.entries(definitions)) {
    for (const gvk of arrayOf(at(definition, 'x-kubernetes-group-version-kind'))) {
      const group = stringOf(at(gvk, 'group')) ?? '';
      const version = stringOf(at(gvk, 'version')) ?? '';
      const type = table.typeOf(group === '' ? version : `${group}/${version}`, stringOf(at(gvk, 'kind')) ?? '');
      if (type !== undefined && !name.endsWith('List')) compare(name, type, { definitions, table, unknown, seen });
    }
  }
  assert.ok(seen.size > 300, `only ${seen.size} types were compared`);
  assert.deepEqual(Object.fromEntries([...unknown].map(([type, fields]) => [type, [...fields]])), {});
});

interface Comparison {
  readonly definitions: JsonObject;
  readonly table: FieldTable;
  readonly unknown: Map<string, Set<string>>;
  readonly seen: Set<string>;
}

function compare(name: string, type: string, all: Comparison): void {
  const fields = all.table.fieldsOf(type);
  if (fields === undefined || all.seen.has(`${name} ${type}`)) return;
  all.seen.add(`${name} ${type}`);
  for (const [field, schema] of Object.entries(objectOf(at(all.definitions[name], 'properties')))) {
    const of = fields.get(field);
    if (of === undefined) {
      if (newerFields[type]?.includes(field) !== true)
        all.unknown.set(type, (all.unknown.get(type) ?? new Set()).add(field));
      continue;
    }
    const [, item = of] = /^(?:Array|Set)<(.+)>$|^\{ \[key: string\]: (.+); \}$/.exec(of) ?? [];
    const ref = stringOf(
      at(schema, '$ref') ?? at(schema, 'items', '$ref') ?? at(schema, 'additionalProperties', '$ref'),
    );
    if (ref !== undefined && isObject(schema)) compare(ref.replace('#/definitions/', ''), item, all);
  }
}

test('what the manifests lack and the cluster has is no warning of a plan', async (t) => {
  const elsewhere = manifests.replace('secretKeyRef: {name: credentials', 'secretKeyRef: {name: of-others');
  const app = await makeApp(t, { files: { 'k8s/app.yaml': elsewhere } });
  const plan = await app.run('plan');
  assert.deepEqual(findingIds(plan), ['config/missing', 'config/unused']);
  const missing = arrayOf(resultOf(plan).findings).find((one) => at(one, 'id') === 'config/missing');
  assert.deepEqual(at(missing, 'evidence'), [`it isn't in namespace ${app.namespace}, either`]);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'of-others' } };
  const made = await app.sandbox.request('POST', `/api/v1/namespaces/${app.namespace}/secrets`, secret);
  assert.equal(made.status, 201);
  assert.deepEqual(findingIds(await app.run('plan')), ['config/unused']);
});
