import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runRule } from '../../../src/lint/lint.ts';
import { rules } from '../../../src/lint/rules/index.ts';
import { factsFrom, fixtureOf, linesOf } from './fixtures.ts';

test('every rule of the folder is in the list, under an id of its own that is the name of its file', () => {
  const folder = new URL('../../../src/lint/rules/', import.meta.url);
  const files = readdirSync(folder)
    .filter((file) => file !== 'index.ts')
    .map((file) => file.replace(/\.ts$/, ''));
  assert.deepEqual(rules.map(({ id }) => id.replace('/', '-')).sort(), files.sort());
});

test('the README has a row for every rule, in their order', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z]+\/[a-z0-9-]+)` \| (error|warning|info) \| (.+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, id, severity, summary]) => [id, severity, summary]),
    rules.map(({ id, severity, summary }) => [id, severity, summary]),
  );
});

for (const rule of rules) {
  test(`${rule.id}: the fixture that breaks it is found at its lines, and the one that keeps it isn't`, async () => {
    const broken = readFileSync(fixtureOf(rule.id, 'breaks'), 'utf8');
    const expected = linesOf(fixtureOf(rule.id, 'breaks'));
    const findings = runRule(rule, await factsFrom(broken));
    assert.ok(expected.length > 0, 'mark the lines with # here');
    const found = [...new Set(findings.map(({ origin }) => origin?.line ?? 0))].sort((a, b) => a - b);
    assert.deepEqual(found, expected, findings.map(({ cause }) => cause).join('\n'));
    for (const { id, cause, fix, object, origin } of findings) {
      assert.equal(id, rule.id);
      assert.match(cause, /^[A-Z].*[.!?]$/s);
      assert.match(fix, /^[A-Z].*\S$/s);
      assert.ok(object !== undefined && origin?.file === '<stdin>');
    }
    assert.ok(
      findings.some(({ severity }) => severity === rule.severity),
      `none of severity ${rule.severity}`,
    );
    const kept = runRule(rule, await factsFrom(readFileSync(fixtureOf(rule.id, 'keeps'), 'utf8')));
    assert.deepEqual(
      kept.map(({ cause, origin }) => `${origin?.line ?? 0}: ${cause}`),
      [],
    );
  });
}

/** What says that something isn't among the manifests, and is quiet where not all of them are there. */
const aboutAbsence: ReadonlySet<string> = new Set([
  'config/missing',
  'config/unused',
  'hpa/target',
  'network/missing',
  'pdb/missing',
  'pdb/no-pods',
  'quota/missing',
  'service/no-pods',
]);

for (const rule of rules) {
  test(`${rule.id}: where manifests are missing it says nothing of what may be in them`, async () => {
    const facts = await factsFrom(readFileSync(fixtureOf(rule.id, 'breaks'), 'utf8'), { isWhole: false });
    const left = runRule(rule, facts).filter(({ cause }) => /not among the manifests/.test(cause));
    assert.deepEqual(left, []);
    assert.equal(runRule(rule, facts).length === 0, aboutAbsence.has(rule.id));
  });
}

test('what fills a Secret is not told to be given on the command line', async () => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {level: "\${log_level_x}", url: "postgres://\${db_password_x}"}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials, namespace: shop}
stringData: {password: "\${db_password_x}"}
`;
  const rule = rules.find(({ id }) => id === 'placeholders/undeclared');
  assert.ok(rule !== undefined);
  const fixes = runRule(rule, await factsFrom(text)).map(({ fix }) => fix);
  assert.equal(fixes.length, 2);
  assert.match(fixes[0] ?? '', /, or give it with --set\.$/);
  assert.match(fixes[1] ?? '', /, or give it with OMS_INPUT_DB_PASSWORD_X or --secrets-file\.$/);
});
