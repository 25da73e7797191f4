import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/model/plan.ts';
import { formatPlan } from '../../../src/ui/format.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { kindRows } from '../../../src/ui/table.ts';
import { change, planOf, recordedHost } from './helpers.ts';

function inNamespace(namespace: string, name = 's'): Change {
  const made = change('create', 'ConfigMap', name);
  return { ...made, manifest: { ...made.manifest, ref: { ...made.manifest.ref, namespace } } };
}

const several = [inNamespace('shop'), inNamespace('shop-jobs')];

test('an application of several namespaces names them, one of a single namespace does not', () => {
  const lines = formatPlan(planOf(several), false, 80, createStyle(false, false));
  assert.deepEqual(lines.slice(1, 3), ['  + ConfigMap  shop/s', '  + ConfigMap  shop-jobs/s']);
  assert.equal(formatPlan(planOf([inNamespace('shop')]), false, 80, createStyle(false, false))[1], '  + ConfigMap  s');
  assert.deepEqual(
    kindRows(
      several.map(({ manifest }) => manifest.ref),
      '-',
    ),
    [['-', 'ConfigMap', 'shop/s, shop-jobs/s']],
  );
});

test('plain output tells the same objects of two namespaces apart, also as they are applied', () => {
  const { host, err } = recordedHost({ output: 'plain' });
  host.emit({ type: 'plan', plan: planOf(several), isResult: false });
  for (const { manifest } of several) host.emit({ type: 'applied', object: manifest.ref, op: 'create', elapsedMs: 1 });
  const printed = err()
    .replaceAll(/^\d\d:\d\d:\d\d /gm, '')
    .split('\n');
  assert.ok(
    printed.includes('plan create ConfigMap/shop/s') && printed.includes('applied ConfigMap/shop-jobs/s'),
    err(),
  );
});
