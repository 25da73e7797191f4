import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { arrayOf, at, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { makeFolder, runCli } from '../support/cli.ts';
import { promtool, whyNoPromtool } from '../support/promtool.ts';
import { deploymentYaml } from '../support/workloads.ts';

const scenarios = join(import.meta.dirname, 'monitoring.yaml');
const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const skip = await whyNoPromtool();

interface Rendered {
  readonly folder: string;
  readonly alerts: readonly JsonObject[];
  readonly dashboard: JsonObject;
}

/** The rules of the add-on for the namespace shop, as `render` writes them; beside them what promtool plays through. */
async function rulesIn(t: TestContext): Promise<Rendered> {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deploymentYaml('web', { tag: '1.0' }) });
  const args = ['render', '-f', 'k8s', '-n', 'shop', '--with', 'monitoring'];
  const { code, stdout, stderr } = await runCli(args, { cwd: folder });
  assert.equal(code, 0, stderr);
  const bodies = parseAllDocuments(stdout).map((document): Json => document.toJS());
  const rule = bodies.find((body) => at(body, 'kind') === 'PrometheusRule');
  const spec = objectOf(at(rule, 'spec'));
  await writeFile(join(folder, 'rules.yaml'), stringify(spec));
  await copyFile(scenarios, join(folder, 'tests.yaml'));
  const alerts = arrayOf(spec['groups']).flatMap((group) => arrayOf(at(group, 'rules')).map(objectOf));
  const map = bodies.find((body) => at(body, 'kind') === 'ConfigMap');
  const dashboard = objectOf(JSON.parse(stringOf(at(map, 'data', 'shop-shop.json')) ?? ''));
  return { folder, alerts, dashboard };
}

async function tests(): Promise<readonly JsonObject[]> {
  const text: Json = parse(await readFile(scenarios, 'utf8'));
  return arrayOf(at(text, 'tests')).map(objectOf);
}

function samplesOf(one: JsonObject): readonly (readonly string[])[] {
  return arrayOf(one['promql_expr_test']).map((check) => {
    assert.equal(at(check, 'expr'), 'ALERTS{alertstate="firing"}', String(one['name']));
    return arrayOf(at(check, 'exp_samples')).map((sample) => stringOf(at(sample, 'labels')) ?? '');
  });
}

test('promtool accepts the rules', { skip }, async (t) => {
  const { folder, alerts } = await rulesIn(t);
  const { isOk, output } = await promtool(['check', 'rules', 'rules.yaml'], folder);
  assert.ok(isOk, output);
  assert.match(output, new RegExp(`SUCCESS: ${alerts.length} rules found`));
});

test('promtool can read each query of the dashboard', { skip }, async (t) => {
  const { folder, dashboard } = await rulesIn(t);
  const variables = arrayOf(at(dashboard, 'templating', 'list')).map(
    (one) => stringOf(at(one, 'query', 'query')) ?? '',
  );
  const queries = [
    ...arrayOf(dashboard['panels']).flatMap((panel) =>
      arrayOf(at(panel, 'targets')).map((target) => stringOf(at(target, 'expr')) ?? ''),
    ),
    ...variables.flatMap((query) => /^query_result\((.*)\)$/.exec(query)?.[1] ?? []),
  ];
  assert.equal(queries.length, 16);
  // As Grafana fills them.
  const filled = queries.map((query) =>
    query.replaceAll('$namespace', 'shop').replaceAll('$workload', '.*').replaceAll('$__rate_interval', '1m'),
  );
  const rules = filled.map((expr, index) => ({ record: `query_${index}`, expr }));
  await writeFile(join(folder, 'queries.yaml'), stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { isOk, output } = await promtool(['check', 'rules', 'queries.yaml'], folder);
  assert.ok(isOk, output);
});

test('each alert fires once where it should, and is silent where it should be', { skip }, async (t) => {
  const { folder } = await rulesIn(t);
  const { isOk, output } = await promtool(['test', 'rules', 'tests.yaml'], folder);
  assert.ok(isOk, output);
});

test('every alert has a scenario in which it alone fires, once, and one in which nothing does', async (t) => {
  const { alerts } = await rulesIn(t);
  const all = await tests();
  const known = alerts.map(({ alert }) => stringOf(alert) ?? '');
  assert.ok(known.length >= 8, known.join());
  for (const { name } of all) assert.ok(known.includes(String(name).split(':')[0] ?? ''), String(name));
  for (const alert of known) {
    const named = (what: string): readonly JsonObject[] =>
      all.filter(({ name }) => String(name).startsWith(`${alert}: ${what}`));
    const [firing, silent] = [named('fires'), named('silent')];
    assert.ok(firing.length > 0 && silent.length > 0, alert);
    for (const one of firing) {
      const samples = samplesOf(one);
      assert.ok(samples.every((found) => found.length <= 1) && samples.at(-1)?.length === 1, String(one['name']));
      assert.ok(samples.flat().every((labels) => labels.includes(`alertname="${alert}"`)));
    }
    for (const one of silent) assert.ok(samplesOf(one).length > 0 && samplesOf(one).flat().length === 0, alert);
  }
});

test('every alert has what an on-call needs, and speaks of labels that it has', async (t) => {
  const { alerts } = await rulesIn(t);
  const fired = (await tests()).flatMap((one) => samplesOf(one).flat());
  for (const { alert, expr, for: held, labels, annotations } of alerts) {
    const name = stringOf(alert) ?? '';
    assert.match(stringOf(held) ?? '', /^\d+m$/, name);
    const severity = stringOf(at(labels, 'severity')) ?? '';
    assert.match(severity, /^(critical|warning)$/, name);
    assert.match(readme, new RegExp(`^\\| \`${name}\` \\|.*\\| ${severity} \\|$`, 'm'));
    const [summary = '', description = ''] = ['summary', 'description'].map((key) => stringOf(at(annotations, key)));
    assert.match(summary, /^.{20,}\.$/, name);
    assert.match(description, /oms-deploy (status|logs|doctor)\b[^.]* -n shop/, name);
    // Each metric is asked for this namespace alone.
    const metrics = (stringOf(expr) ?? '').match(/\b(?:kube_\w+|up)\{/g) ?? [];
    assert.ok(metrics.length > 0, name);
    assert.equal((stringOf(expr) ?? '').match(/\{namespace="shop"/g)?.length, metrics.length, name);
    const own = fired.filter((sample) => sample.includes(`alertname="${name}"`));
    for (const [, label = ''] of `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g))
      assert.ok(
        own.some((sample) => sample.includes(`${label}="`)),
        `${name} has no label ${label}`,
      );
  }
});
