import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Severity } from '../../../src/model/finding.ts';
import { formatLinted } from '../../../src/ui/lint.ts';
import { createStyle } from '../../../src/ui/style.ts';

/** The last line for findings of these severities. */
function lastLine(...severities: readonly Severity[]): string | undefined {
  const findings = severities.map((severity) => ({ id: 'a/b', severity, cause: 'C.', evidence: [], fix: 'F.' }));
  const linted = { title: 'shop', application: 'shop', objects: 2, findings };
  const text = formatLinted(linted, ' -f k8s', createStyle(false, false));
  return text.trimEnd().split('\n').at(-1);
}

test('errors are to be corrected; only what is none is offered to be silenced', () => {
  assert.equal(lastLine('error'), '1 error.   correct it, then lint again');
  assert.equal(lastLine('error', 'error'), '2 errors.   correct them, then lint again');
  assert.equal(
    lastLine('error', 'warning'),
    '1 error, 1 warning.   correct the errors first; silence what else is meant: checks.ignore, with a reason',
  );
  for (const severities of [[], ['info'], ['warning']] as const)
    assert.match(lastLine(...severities) ?? '', / {3}what a deploy would change: oms-deploy plan -f k8s$/);
});
