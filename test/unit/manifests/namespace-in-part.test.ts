import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaceInPart } from '../../../src/manifests/namespace-in-part.ts';
import { makeFolder, runCli } from '../../support/cli.ts';
import { loaded } from './helpers.ts';

const configMap = (name: string, namespace?: string): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${namespace === undefined ? '' : `  namespace: ${namespace}\n`}`;
const clusterRole = '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n';
const custom = '---\napiVersion: example.com/v1\nkind: Anything\nmetadata: {name: a}\n';
const namespace = (name: string): string => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

const cases: readonly (readonly [what: string, texts: readonly string[], line: number | undefined])[] = [
  ['one of several names another', [configMap('a'), configMap('b', 'shpo')], 6],
  ['all of one file do, none of another', [configMap('a', 'shpo') + configMap('b', 'shpo'), configMap('c')], 6],
  ['beside one with a placeholder', [configMap('a', '"${namespace}"') + configMap('b', 'shpo')], 12],
  [
    'an item of a List',
    [`kind: List\nitems:\n- ${configMap('a', 'shpo').slice(4, -1).replaceAll('\n', '\n  ')}\n${configMap('b')}`],
    7,
  ],
  ['all of them', [configMap('a', 'shpo'), configMap('b', 'shpo')], undefined],
  ['all that live in a namespace', [configMap('a', 'shpo') + clusterRole], undefined],
  ['all but one of which nobody knows whether it lives in one', [configMap('a', 'shpo') + custom], undefined],
  ['none', [configMap('a')], undefined],
  ['that of the deploy', [configMap('a', 'shop') + configMap('b')], undefined],
  ['several, which stay', [configMap('a', 'one') + configMap('b', 'two') + configMap('c')], undefined],
  ['one that is among the manifests', [namespace('shpo') + configMap('a', 'shpo') + configMap('b')], undefined],
  ['only the Namespace itself', [namespace('shpo') + configMap('b')], undefined],
  ['default, as charts do', [configMap('a', 'default') + configMap('b')], undefined],
];

for (const [what, texts, line] of cases) {
  test(`a namespace in a part of the manifests: ${what}`, () => {
    const finding = namespaceInPart(
      texts.map((text) => loaded(text)),
      'shop',
    );
    assert.equal(finding?.origin?.line, line);
    if (line !== undefined)
      assert.match(finding?.cause ?? '', /^ConfigMap \S+ .*names the namespace shpo, but -n says shop/);
  });
}

test('the others with the same mistake are named with their place', () => {
  const finding = namespaceInPart(
    [loaded(configMap('a', 'x') + configMap('b', 'x') + configMap('c') + configMap('d'))],
    'shop',
  );
  assert.match(finding?.cause ?? '', /^ConfigMap a \(and 1 other object\) .* 2 other objects leave it to -n\.$/);
  assert.deepEqual(finding?.evidence, ['k8s/app.yaml:12  ConfigMap b']);
});

test('render and lint refuse it; where all name one namespace they move as -n says', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': configMap('a') + configMap('b', 'shpo'),
    'all/a.yaml': configMap('b', 'shpo'),
  });
  for (const command of ['render', 'lint']) {
    const { code, stderr, stdout } = await runCli([command, '-f', 'k8s', '-n', 'shop', '--output', 'plain'], { cwd });
    assert.equal(code, 3, command);
    assert.match(stdout + stderr, /k8s\/a\.yaml:11|^ +11 .*manifests\/namespace/m, command);
  }
  const { code, stdout } = await runCli(['render', '-f', 'all', '-n', 'shop'], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}namespace: shop$/m);
});
