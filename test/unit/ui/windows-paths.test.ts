import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOrigin } from '../../../src/model/object.ts';
import { formatFinding } from '../../../src/ui/format.ts';
import { createStyle, harmless, wrapLine } from '../../../src/ui/style.ts';
import { recordedHost } from './helpers.ts';

const file = 'C:\\Users\\kim\\new k8s\\test\\app.yaml';

test('a place in a file on Windows: the path as it is, then the line', () => {
  assert.equal(formatOrigin({ file, line: 12 }), `${file}:12`);
  assert.equal(formatOrigin({ file, line: 12, column: 3 }), `${file}:12:3`);
  assert.equal(harmless(`${file}:12`), `${file}:12`);
});

for (const output of ['human', 'plain'] as const) {
  test(`${output}: a finding and its hint keep backslashes and drive letters, also behind the flags of a run`, () => {
    const { host, err } = recordedHost({ output }, { columns: 400 });
    const owner = ` --kubeconfig ${file}`;
    host.place({ deploy: '', verify: ` -f '${file}' -n $& --sandbox`, look: owner, owner, kubectl: '' });
    const fix = `Correct ${file}, then oms-deploy verify or oms-deploy rollback.`;
    host.emit({
      type: 'finding',
      finding: {
        id: 'a/b',
        severity: 'error',
        origin: { file, line: 7 },
        cause: `${file} is wrong.`,
        evidence: [],
        fix,
      },
    });
    assert.ok(err().includes(`  x ${file} is wrong.\n      at     ${file}:7\n`), err());
    assert.ok(
      err().includes(
        `Correct ${file}, then oms-deploy verify -f '${file}' -n $& --sandbox or oms-deploy rollback --kubeconfig ${file}.`,
      ),
      err(),
    );
  });
}

test('a narrow terminal breaks such a path at its spaces alone', () => {
  const finding = {
    id: 'a/b',
    severity: 'error',
    origin: { file, line: 7 },
    cause: 'x',
    evidence: [],
    fix: 'y',
  } as const;
  const line = formatFinding(finding, createStyle(false, false))[1] ?? '';
  assert.deepEqual(wrapLine(line, 30), ['      at     C:\\Users\\kim\\new', '             k8s\\test\\app.yaml:7']);
});
