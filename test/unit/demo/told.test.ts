import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstLine, withoutNext } from '../../../scripts/demo/told.ts';
import type { Endpoint } from '../../../src/model/plan.ts';
import { formatSummary } from '../../../src/ui/summary.ts';
import { change, planOf } from '../ui/helpers.ts';

const endpoints: readonly Endpoint[] = [{ name: 'web', url: 'http://web.shop.svc.cluster.local', scope: 'cluster' }];
const flags = { verify: ' --tag 1.4.2', look: ' -n shop', owner: ' -n shop', kubectl: '' };

test('the demo passes on what up has done and where it answers, and suggests what is next itself', () => {
  const summary = formatSummary(planOf([change('create', 'ConfigMap', 'settings')]), endpoints, flags, 1000);
  assert.match(summary, /\nNext\n {2}oms-deploy verify/);
  const told = summary.split('\n').filter(withoutNext());
  assert.deepEqual(told, [
    'Done in 1.0s: 1 created, 0 changed, 0 unchanged. Every workload is ready.',
    '',
    'Endpoints',
    '  web  http://web.shop.svc.cluster.local',
    '',
  ]);
});

test('of the start of the sandbox it passes on the first line', () => {
  assert.deepEqual(['The sandbox is ready.', 'Next, with manifests of your own:'].filter(firstLine()), [
    'The sandbox is ready.',
  ]);
});
