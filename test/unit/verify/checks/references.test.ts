import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openValueOf } from '../../../../src/model/open.ts';
import { runChecks } from '../../../../src/verify/check.ts';
import { referencesCheck } from '../../../../src/verify/checks/references.ts';
import { container } from './application.ts';
import { type Changes, type Expected, factsWith, judges } from './facts.ts';

/** The Deployment with a container that reads this ConfigMap as a whole. */
function reading(name: string): Changes {
  const containers = [{ ...container, envFrom: [{ configMapRef: { name } }] }];
  return { 'Deployment web': { spec: { template: { spec: { containers } } } } };
}

const live = reading('setings');
const missing = (fix: RegExp): Expected => ({
  is: 'error config/missing ConfigMap shop/setings',
  cause: /does not exist\.$/,
  fix,
  evidence: /Deployment shop\/web refers to it/,
});
const corrected = factsWith(live, { declared: reading('settings') });
const typo = factsWith(live, { declared: reading('setings') });

judges(referencesCheck, [
  [
    'a mistyped ConfigMap',
    typo,
    missing(/^Did you mean settings\? Add it to the manifests, or correct the name there/),
  ],
  [
    'a mistyped ConfigMap whose manifest is corrected',
    corrected,
    missing(/^Deploy the manifest, which no longer refers to it: oms-deploy up\.$/),
  ],
  [
    'a name with a placeholder in it, which may be that of the cluster',
    factsWith(live, { declared: reading(`${openValueOf('start')}ings`) }),
    missing(/^Did you mean settings\?/),
  ],
]);

test('a reference that the manifest has lost has no line to correct', () => {
  const origins = [typo, corrected].map((facts) => {
    const [checked] = runChecks([referencesCheck], 'doctor', facts);
    return checked?.result.findings.map(({ origin }) => origin?.file);
  });
  assert.deepEqual(origins, [['k8s/app.yaml'], [undefined]]);
});
