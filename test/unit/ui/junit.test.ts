import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import type { CheckOutcome, Result } from '../../../src/events.ts';
import { junitXml } from '../../../src/ui/junit.ts';
import { junitListener } from '../../../src/ui/junit-listener.ts';
import { makeFolder, runCli } from '../../support/cli.ts';
import { recordedHost } from './helpers.ts';

/** What python's expat makes of an XML file: tags with attributes and text, as JSON. */
const reader = `import json, sys, xml.etree.ElementTree as tree
def shown(node): return {'tag': node.tag, 'text': node.text, **node.attrib, 'children': [shown(one) for one in node]}
print(json.dumps(shown(tree.fromstring(sys.stdin.buffer.read()))))`;

interface Node {
  readonly tag: string;
  readonly text: string | null;
  readonly children: readonly Node[];
  readonly [attribute: string]: unknown;
}

function parsed(xml: string): Node {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', reader], { input: xml, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Node;
}

const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 is not here';

function outcome(id: string, status: CheckOutcome['status'], rest: Partial<CheckOutcome> = {}): CheckOutcome {
  return { id, summary: `looks at ${id}`, status, detail: 'seen', findings: [], ...rest };
}

const finding = {
  ...{ id: 'hpa/metrics', severity: 'error' as const, cause: 'It has no figure.', evidence: ['ScalingActive=False'] },
  ...{ hits: ['HPA b'], fix: 'Install metrics-server.' },
  object: { apiVersion: 'v2', kind: 'HPA', namespace: 'shop', name: 'a' },
};

function verified(checks: readonly CheckOutcome[]): { command: string; result: Result } {
  return { command: 'verify', result: { ok: false, exitCode: 10, findings: [], data: {}, text: '', checks } };
}

test('a test case per check; what failed has cause, proof and what to do', { skip }, () => {
  const checks = [
    outcome('pods/ready', 'passed'),
    outcome('hpa/metrics', 'failed', { findings: [finding], detail: '' }),
    outcome('quota/room', 'warned', { findings: [{ ...finding, severity: 'warning' }] }),
    outcome('a/skipped', 'skipped', { detail: 'may not be listed' }),
  ];
  const suites = parsed(junitXml(verified(checks), 1_500, (text) => text));
  const [suite] = suites.children;
  const counts = { tests: '4', failures: '1', errors: '0', skipped: '1', time: '1.500' };
  for (const node of [suites, suite])
    for (const [name, value] of Object.entries(counts)) assert.equal(node?.[name], value, name);
  const cases = suite?.children ?? [];
  assert.deepEqual(
    cases.map(({ name, classname }) => [classname, name]),
    checks.map(({ id, summary }) => ['oms-deploy.verify', `${id}: ${summary}`]),
  );
  assert.deepEqual(
    cases.map(({ children }) => children.map(({ tag }) => tag)),
    [['system-out'], ['failure'], ['system-out'], ['skipped']],
  );
  const failure = cases[1]?.children[0];
  assert.deepEqual([failure?.type, failure?.message], ['hpa/metrics', 'It has no figure.']);
  assert.equal(
    failure?.text,
    'error: It has no figure. (hpa/metrics)\nat     HPA shop/a\nproof  ScalingActive=False\nhits   HPA b\ndo     Install metrics-server.',
  );
});

test('any text stays text of valid XML, without control characters, without secrets', { skip }, () => {
  const all = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('');
  const attack = `${all}]]><!--&#0; <x a="b">\ud800\ufffe\uffff\u202e hunter<22 &amp;`;
  const checks = [
    outcome(attack, 'failed', { findings: [{ ...finding, cause: attack, evidence: [attack], fix: attack }] }),
    outcome(attack, 'skipped', { detail: attack }),
  ];
  const xml = junitXml(verified(checks), 1, (text) => text.replaceAll('hunter<22', '****'));
  const [failed, skipped] = parsed(xml).children[0]?.children ?? [];
  for (const text of [failed?.children[0]?.message, skipped?.children[0]?.message]) {
    assert.ok(String(text).endsWith(']]><!--&#0; <x a="b"><U+D800><U+202E> **** &amp;'), String(text));
    assert.ok(String(text).includes('\t\n␋'));
  }
  assert.ok(!xml.includes('hunter'));
});

test('a run that fails has one test case with its error', { skip }, async (t) => {
  const file = join(await makeFolder(t, {}), 'junit.xml');
  const { host, err } = recordedHost({ listeners: [junitListener(file, 'junit.xml')] });
  await host.fail(
    'verify',
    new DeployError('refused', 'No answer.', { why: 'A private endpoint.', fix: 'Use the VPN.' }),
  );
  assert.match(err(), /\nReport {2}junit\.xml\n$/);
  const suites = parsed(readFileSync(file, 'utf8'));
  assert.deepEqual([suites.tests, suites.errors], ['1', '1']);
  const error = suites.children[0]?.children[0]?.children[0];
  assert.deepEqual([error?.tag, error?.type, error?.message], ['error', 'refused', 'No answer.']);
  assert.match(String(error?.text), /A private endpoint\.\ndo {5}Use the VPN\./);
});

for (const command of ['verify', 'doctor']) {
  test(`${command} --junit: a folder that does not exist is refused before anything runs`, async (t) => {
    const cwd = await makeFolder(t, { 'here/a': '' });
    for (const [file, why] of [
      ['gone/junit.xml', /There is no folder .*gone\./],
      ['here', /It is a folder\./],
    ] as const) {
      const run = await runCli([command, '--junit', file], { cwd });
      assert.equal(run.code, 2);
      assert.match(run.stderr, why);
      assert.doesNotMatch(run.stderr, /cluster|AWS/);
    }
  });
}
