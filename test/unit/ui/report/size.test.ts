import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../../src/model/finding.ts';
import type { Report, ShownObject } from '../../../../src/ui/report/model.ts';
import { reportHtml } from '../../../../src/ui/report/page.ts';
import { finding, largeReport, sampleReport } from '../../../support/reports.ts';

const same = (text: string): string => text;
const most = 1_000_000;

function many<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The large report with other objects, in as many releases as it is said. */
function withObjects(objects: readonly ShownObject[], rounds = 1): Report {
  const report = largeReport(1_000);
  const [round] = report.rounds;
  const plan = { title: 'Plan', counts: [], waves: [{ name: 'Wave config', objects }] } as const;
  return { ...report, rounds: many(rounds, (index) => ({ ...round, release: index + 1, plan })) };
}

/** So many objects that change, each in so many fields of so many letters, before and after. */
function changing(count: number, fields: number, letter: string, length: number): readonly ShownObject[] {
  return many(count, (index) => ({
    op: 'update',
    object: `ConfigMap production/settings-of-service-${index}`,
    origin: `deploy/kubernetes/production/service-${index}/settings.yaml:${index}`,
    fields: many(fields, (field) => ({
      path: `data.key-${field}`,
      before: letter.repeat(length),
      after: `${letter.repeat(length - 1)}.`,
    })),
    notes: ['restarts 3 pods'],
  }));
}

function count(page: string, pattern: RegExp): number {
  return [...page.matchAll(pattern)].length;
}

for (const [what, objects, rounds] of [
  ['8 fields of 200 letters', changing(1_000, 8, 'x', 200), 1],
  ['100 fields of 2,000 letters that HTML writes as six', changing(1_000, 100, '"', 2_000), 1],
  ['8 fields of signs that are shown by their number', changing(1_000, 8, '\u202e', 200), 1],
  ['8 fields of 200 letters, and the way back', changing(1_000, 8, 'x', 200), 2],
] as const) {
  test(`1,000 objects with ${what}: less than 1 MB, and every object is listed`, () => {
    const page = reportHtml(withObjects(objects, rounds), same);
    const bytes = Buffer.byteLength(page);
    assert.ok(bytes < most, `${bytes} bytes`);
    assert.equal(count(page, /<span class="name">ConfigMap production\/settings-of-service-\d+</g), 1_000 * rounds);
    assert.ok(/<li>and \d+ more fields/.test(page), 'it says what is left out');
  });
}

test('the longest names that there can be: less than 1 MB, too', () => {
  const objects = changing(1_000, 8, 'x', 200).map((one, index) => ({
    ...one,
    object: `ConfigMap ${'n'.repeat(63)}/${index}-${'m'.repeat(248)}`,
    origin: `${'folder/'.repeat(100)}${index}.yaml:1`,
  }));
  const page = reportHtml(withObjects(objects), same);
  assert.ok(Buffer.byteLength(page) < most, `${Buffer.byteLength(page)} bytes`);
  assert.ok(
    objects.every(({ object }) => page.includes(`<span class="name">${object}<`)),
    'no name is cut',
  );
});

test('what is shown comes first, and what is left out is counted', () => {
  const page = reportHtml(withObjects(changing(1_000, 8, 'x', 200)), same);
  const shown = count(page, /<li><code>data\.key-/g);
  const left = [...page.matchAll(/<li>and (\d+) more fields?/g)].reduce((sum, [, more]) => sum + Number(more), 0);
  assert.equal(shown + left, 8_000);
  assert.ok(shown > 500, `${shown} fields are shown: the page is not full`);
  assert.equal(count(page, /<li>restarts 3 pods/g), 1_000, 'what a change does is told of each');
  const [first = ''] = /<details class="update">[\s\S]*?<\/details>/.exec(page) ?? [];
  assert.doesNotMatch(first, /more field/);
});

test('one object with long fields leaves room for the others', () => {
  const [huge, ...small] = [...changing(1, 100, '"', 2_000), ...changing(999, 1, 'x', 20)];
  assert.ok(huge !== undefined);
  const page = reportHtml(withObjects([huge, ...small]), same);
  assert.equal(count(page, /<li>and \d+ more field/g), 1);
});

test('findings, checks, inputs, images and the timeline have their limits, each with what is left out', () => {
  const long = '"'.repeat(3_000);
  const large: Finding = { ...finding, cause: long, evidence: many(500, () => long), hits: many(500, () => long) };
  const report = largeReport(1_000);
  const [round] = report.rounds;
  assert.ok(round?.timeline !== undefined);
  const { objects, pods } = round.timeline;
  const timeline = {
    ...round.timeline,
    objects: many(20, () => objects).flat(),
    pods: many(20, () => pods).flat(),
  };
  const page = reportHtml(
    {
      ...report,
      rounds: [{ ...round, timeline }],
      outcome: { ...report.outcome, why: long.repeat(100) },
      findings: many(400, (index) => ({ ...large, severity: index < 200 ? 'error' : 'info' })),
      checks: many(2_000, (index) => {
        return { id: `a/check-${index}`, summary: '', status: 'failed', detail: long.repeat(10), findings: [] };
      }),
      inputs: many(2_000, (index) => ({ name: `input_${index}`, value: long.repeat(100), source: 'file' })),
      endpoints: many(2_000, (index) => ({ name: `web-${index}`, url: `http://web-${index}.shop`, scope: 'cluster' })),
      images: many(2_000, (index): [string, string] => [`Deployment shop/web-${index}, app`, long.repeat(10)]),
    },
    same,
  );
  const bytes = Buffer.byteLength(page);
  assert.ok(bytes < most, `${bytes} bytes`);
  for (const what of ['finding', 'note', 'line', 'row', 'endpoint', 'image'])
    assert.ok(new RegExp(`<p>And \\d+ more ${what}s?\\.</p>`).test(page), what);
  for (const id of ['findings', 'checks', 'inputs', 'plan', 'timeline', 'endpoints', 'images'])
    assert.ok(page.includes(`<h2 id="${id}">`), id);
  assert.ok(page.includes('<article class="card error">'), 'a finding is shown');
});

test('a page with room for all leaves nothing out', () => {
  const page = reportHtml(sampleReport, same);
  assert.doesNotMatch(page, /\bmore (field|note|finding|line|row|endpoint|image)/);
});
