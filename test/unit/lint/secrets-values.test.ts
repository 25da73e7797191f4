import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOf, newestMinor } from '../../../src/lint/facts.ts';
import { runRule } from '../../../src/lint/lint.ts';
import { secretsValues } from '../../../src/lint/rules/secrets-values.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { inputsFrom, manifestsIn, renderText } from '../manifests/helpers.ts';

function lintSecrets(manifests: readonly Manifest[]): readonly Finding[] {
  return runRule(
    secretsValues,
    factsOf(manifests, manifests, { isWhole: true, minor: newestMinor, allowLatest: false }),
  );
}

const secret = (text: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\n${text}`;

function told(text: string): readonly string[] {
  const findings = lintSecrets(manifestsIn(secret(text)));
  assert.ok(!JSON.stringify(findings).includes('hunter22'));
  return findings.map(({ id, severity, origin, cause }) => `${id} ${severity} ${origin?.line}: ${cause}`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('values of data are judged as they are once decoded, each at its line', () => {
  const text = `data:
  fine: ${base64('hunter22')}
  newline: ${base64('hunter22\n')}
  twice: ${base64(base64('hunter22'))}
  spaces: "${base64(' hunter22')}"
  empty: ""
  tls.crt: ${base64('one line\n')}
`;
  assert.deepEqual(told(text), [
    'secrets/values error 6: Secret ns/s has a value that may not be meant: newline ends with a line break once it is decoded.',
    'secrets/values error 7: Secret ns/s has a value that may not be meant: twice is base64 of a text once it is decoded.',
    'secrets/values warning 8: Secret ns/s has a value that may not be meant: spaces begins with a space once it is decoded.',
    'secrets/values warning 9: Secret ns/s has a value that may not be meant: empty is empty.',
  ]);
});

test('values of stringData as they stand', () => {
  const text = `stringData:
  block: |
    hunter22
  kept: |-
    hunter22
  twice: ${base64('hunter22')}
  file.conf: |
    hunter22
`;
  assert.deepEqual(told(text), [
    'secrets/values error 5: Secret ns/s has a value that may not be meant: block ends with a line break.',
    'secrets/values error 9: Secret ns/s has a value that may not be meant: twice is base64 of a text.',
  ]);
});

test('an annotation says that values are meant; other types hold whole files', () => {
  const value = base64(base64('user:hunter22'));
  const data = `data: {basic: ${value}, other: ${value}}\n`;
  const marked = secret(data).replace('namespace: ns', 'namespace: ns, annotations: {oms-deploy.io/as-is: "x, basic"}');
  assert.deepEqual(
    lintSecrets(manifestsIn(marked)).map(({ cause, fix }) => [cause, fix]),
    [
      [
        'Secret ns/s has a value that may not be meant: other is base64 of a text once it is decoded.',
        'Encode the text once. If it is meant, say so in an annotation: oms-deploy.io/as-is: other',
      ],
    ],
  );
  assert.deepEqual(told(`type: kubernetes.io/tls\n${data}`), []);
});

test('what an input has filled was judged with it, but in data only its decoded value can be', () => {
  const text = secret('data:\n  a: ${x}\nstringData:\n  b: ${x}\n');
  const given = { inputs: inputsFrom('env', { x: base64('hunter22\n') }), encoded: ['x'] };
  assert.deepEqual(
    lintSecrets(renderText(text, given).manifests).map(({ cause, origin }) => [origin?.line, cause]),
    [[5, 'Secret ns/s has a value that may not be meant: a ends with a line break once it is decoded.']],
  );
});
