import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../src/model/finding.ts';
import { hintForLooker } from '../../../src/verify/hints.ts';
import { factsWith } from './checks/facts.ts';

const object = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'migrate' };
const fix = 'Read the last lines of its log, correct the cause, delete the Job and run the same command again.';
const failed: Finding = { id: 'job/failed', severity: 'error', object, cause: 'it failed', evidence: [], fix };

function hint(annotations: Readonly<Record<string, string>>): string {
  return hintForLooker(failed, factsWith({ 'Job migrate': { metadata: { annotations } } }).world).fix;
}

test('a Job is deleted by who looks, that of a hook is made anew', () => {
  assert.equal(
    hint({}),
    'Read the last lines of its log, correct the cause, delete the Job and run oms-deploy up again.',
  );
  assert.equal(
    hint({ 'oms-deploy.io/hook': 'before' }),
    'Read the last lines of its log, correct the cause and run oms-deploy up: it makes the Job anew.',
  );
});
