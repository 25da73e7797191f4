import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DeployEvent } from '../../../../src/events.ts';
import type { ReplicaCount } from '../../../../src/model/readiness.ts';
import { afterEvent, type LiveState, noState } from '../../../../src/ui/live/state.ts';
import { formatEnd, formatLive } from '../../../../src/ui/live/table.ts';
import { createStyle } from '../../../../src/ui/style.ts';

const plain = createStyle(false, false);
const clean = (text: string): string => text.replace(/\s+/g, ' ');

function ref(name: string, kind = 'Deployment') {
  return { apiVersion: kind === 'Service' ? 'v1' : 'apps/v1', kind, namespace: 'shop', name };
}

function counted(desired: number, updated: number, ready: number): { readonly count: ReplicaCount } {
  return { count: { desired, updated, ready } };
}

/** The state after events, each with its moment in milliseconds. */
function stateOf(...events: readonly (readonly [number, DeployEvent])[]): LiveState {
  return events.reduce((state, [nowMs, event]) => afterEvent(state, event, nowMs, clean), noState);
}

const lastEvent = { reason: 'Pulling', message: 'Pulling image "example.com/orders:1.4.2"' };
const state = stateOf(
  [0, { type: 'wave', number: 4, name: 'workloads', objects: 3 }],
  [10, { type: 'applied', object: ref('order-ingestion'), op: 'update', elapsedMs: 10 }],
  [20, { type: 'applied', object: ref('risk-engine'), op: 'update', elapsedMs: 10 }],
  [
    1000,
    {
      type: 'progress',
      object: ref('order-ingestion'),
      ...counted(3, 2, 1),
      why: '2 of 3\n pods updated',
      lastEvent,
      elapsedMs: 900,
    },
  ],
  [5000, { type: 'ready', object: ref('risk-engine'), ...counted(2, 2, 2), detail: '2/2', elapsedMs: 4980 }],
  [
    6000,
    { type: 'failing', object: ref('market-data'), ...counted(1, 1, 0), why: 'the image is not there', elapsedMs: 500 },
  ],
  [7000, { type: 'progress', object: ref('web', 'Service'), why: 'no ready endpoint', elapsedMs: 6990 }],
);

function shows(lines: readonly string[], expected: string): void {
  assert.equal(`\n${lines.join('\n')}\n`, expected);
}

test('at 80 columns: bars, what is waited for, the newest Event below', () => {
  shows(
    formatLive(state, { nowMs: 12_000, columns: 80, rows: 24 }, plain),
    `
  workloads - 2 of 3 done - 1 of 3 ready - 12s
  order-ingestion  ###===....  1/3     12s  2 of 3 pods updated
      Pulling: Pulling image "example.com/orders:1.4.2"
  risk-engine      ##########  2/2      5s  ready
  market-data      ==========  0/1      7s  failing: the image is not there
  Service/web                          12s  no ready endpoint
`,
  );
});

test('at 140 columns: the wave, the updated pods and the Event have columns of their own', () => {
  shows(
    formatLive(state, { nowMs: 72_000, columns: 140, rows: 24 }, plain),
    `
  workloads - 2 of 3 done - 1 of 3 ready - 1m 12s
  workloads  order-ingestion  ###===....  1/3  2 updated  1m 12s  2 of 3 pods updated              Pulling: Pulling im...e.com/orders:1.4.2"
             risk-engine      ##########  2/2                 5s  ready
             market-data      ==========  0/1  1 updated  1m 07s  failing: the image is not there
             Service/web                                  1m 12s  no ready endpoint
`,
  );
});

test('long names: wide only where reason and Event have room beside them, else both are read whole', () => {
  const scheduled = { reason: 'Scheduled', message: 'Successfully assigned shop/a-pod to node-1b' };
  const events = [1, 2].map((number): readonly [number, DeployEvent] => [
    0,
    {
      type: 'progress',
      object: ref(`settlement-reconciliation-worker-${number}`),
      ...counted(1, 1, 0),
      why: '0 of 1 pods ready',
      lastEvent: scheduled,
      elapsedMs: 0,
    },
  ]);
  const long = stateOf([0, { type: 'wave', number: 4, name: 'workloads', objects: 2 }], ...events);
  for (let columns = 80; columns <= 200; columns += 1) {
    const text = formatLive(long, { nowMs: 0, columns, rows: 24 }, plain).join('\n');
    assert.match(text, / 0 of 1 pods ready/, `${columns} columns`);
    if (!text.includes('1 updated')) assert.match(text, /Scheduled: Successfully assigned shop\/a-pod to node-1b$/);
  }
  const rowAt = (columns: number): string | undefined =>
    formatLive(long, { nowMs: 0, columns, rows: 24 }, plain)[1]?.trim();
  assert.equal(rowAt(100), 'settlement-rec...tion-worker-1  ==========  0/1      0s  0 of 1 pods ready');
  assert.equal(
    rowAt(160),
    'workloads  settlement-reconciliation-worker-1  ==========  0/1  1 updated      0s  0 of 1 pods ready  Scheduled: Successfully assigned shop/a-pod to node-1b',
  );
});

test('a long reason asks for more room before the table is wide, and leaves an Event its own', () => {
  const why = 'startup probe on web-6d8c-x7k2p: HTTP 503 from /health on port 8080';
  const event = (reason: string): DeployEvent => ({
    type: 'progress',
    object: ref('web'),
    ...counted(1, 1, 0),
    why: reason,
    lastEvent,
    elapsedMs: 0,
  });
  const isWide = (reason: string, columns: number): boolean =>
    formatLive(stateOf([0, event(reason)]), { nowMs: 0, columns, rows: 24 }, plain)
      .join('\n')
      .includes('updated');
  const from = (reason: string): number =>
    Array.from({ length: 200 }, (_, columns) => columns).find((columns) => isWide(reason, columns)) ?? 0;
  assert.equal(from(why) - from('x'), 20);
  const [, row = ''] = formatLive(stateOf([0, event(why)]), { nowMs: 0, columns: from(why), rows: 24 }, plain);
  assert.match(
    row,
    / {2}startup probe on we\.\.\.ealth on port 8080 {2}Pulling: Pulling im\.{3,4}com\/orders:1\.4\.2"$/,
  );
});

test('at the smallest size names are cut in the middle, and ready rows become a count', () => {
  const more = [1, 2, 3, 4, 5, 6].map((number): readonly [number, DeployEvent] => [
    8000,
    { type: 'ready', object: ref(`other-${number}`), ...counted(1, 1, 1), detail: '1/1', elapsedMs: 10 },
  ]);
  const many = more.reduce((now, [nowMs, event]) => afterEvent(now, event, nowMs, clean), state);
  shows(
    formatLive(many, { nowMs: 12_000, columns: 40, rows: 10 }, plain),
    `
  workloads - 2 of ...7 of 9 ready - 12s
  order...tion  1/3     12s  2 of...ated
      Pulling: Pulling...m/orders:1.4.2"
  market-data   0/1      7s  fail...here
  Service/web           12s  no r...oint
  and 7 ready
`,
  );
});

test('what fails is shown before what waits', () => {
  const events = Array.from({ length: 30 }, (_, index): readonly [number, DeployEvent] => [
    0,
    {
      type: index === 29 ? 'failing' : 'progress',
      object: ref(`w${index}`),
      ...counted(1, 1, 0),
      why: 'x',
      elapsedMs: 0,
    },
  ]);
  const lines = formatLive(stateOf(...events), { nowMs: 0, columns: 80, rows: 10 }, plain);
  assert.equal(lines.length, 8);
  assert.match(lines.join('\n'), /\n {2}w29 .* failing: x\n {2}and 24 more waiting$/);
});

test('a wave has its number, and how many of the plan come after it; one that was applied no longer counts', () => {
  const after = stateOf(
    [0, { type: 'wave', number: 2, name: 'config', objects: 1 }],
    [10, { type: 'applied', object: ref('settings', 'Service'), op: 'create', elapsedMs: 1 }],
  );
  const planned = { ...after, planned: { waves: [0, 2, 4, 12], objects: new Map() } };
  const headOf = (number: number, name: string): string | undefined =>
    formatLive(
      afterEvent(planned, { type: 'wave', number, name, objects: 1 }, 20, clean),
      { nowMs: 1000, columns: 80, rows: 24 },
      plain,
    )[0];
  assert.equal(headOf(2, 'config'), '  wave 2: config (2 more) - 0 of 1 done - 1s');
  assert.equal(headOf(4, 'workloads'), '  wave 4: workloads (1 more) - 0 of 1 done - 1s');
  assert.equal(headOf(12, 'wave 12'), '  wave 12 (the last) - 0 of 1 done - 1s');
  const [later] = formatLive(after, { nowMs: 1000, columns: 80, rows: 24 }, plain);
  assert.equal(later, '  config - 1s');
});

test('what is not a workload leaves the table once it is ready or gone', () => {
  for (const event of [
    { type: 'ready', object: ref('web', 'Service'), detail: '', elapsedMs: 1 },
    { type: 'applied', object: ref('web', 'Service'), op: 'delete', elapsedMs: 1 },
  ] as const) {
    const left = afterEvent(state, event, 8000, clean);
    assert.deepEqual(
      left.rows.map(({ object }) => object.name),
      ['order-ingestion', 'risk-engine', 'market-data'],
    );
  }
});

test('the end shows every row, whatever the terminal has room for', () => {
  const lines = formatEnd(state, { nowMs: 12_000, columns: 80 }, plain);
  assert.equal(lines.length, 4);
  assert.match(lines.join('\n'), /order-ingestion.*\n.*risk-engine.*ready\n.*market-data.*failing/);
});

test('an activity is told from its second second on, and until it is over', () => {
  const begun = stateOf([0, { type: 'activity', message: 'Asking AWS', isOver: false }]);
  const at = (nowMs: number) => formatLive(begun, { nowMs, columns: 80, rows: 24 }, plain);
  assert.deepEqual([at(1999), at(2000), at(65_000)], [[], ['  Asking AWS  2s'], ['  Asking AWS  1m 05s']]);
  const twice = afterEvent(begun, { type: 'activity', message: 'Asking AWS', isOver: false }, 1000, clean);
  const over = afterEvent(twice, { type: 'activity', message: 'Asking AWS', isOver: true }, 4000, clean);
  assert.deepEqual(formatLive(over, { nowMs: 5000, columns: 80, rows: 24 }, plain), ['  Asking AWS  4s']);
});

test('whatever the state and the size: no more lines than the terminal has, none wider than it is', () => {
  const event = fc
    .tuple(
      fc.constantFrom('progress', 'failing', 'ready'),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom('Deployment', 'Service', 'StatefulSet'),
      fc.string({ maxLength: 100 }),
      fc.nat(20),
    )
    .map(([type, number, kind, why, ready]): DeployEvent => {
      const object = ref(`name-${'x'.repeat(number)}-${number}`, kind);
      if (type === 'ready') return { type, object, detail: why, elapsedMs: 5 };
      return {
        type,
        object,
        ...counted(ready, ready, number),
        why,
        lastEvent: { reason: 'R', message: why },
        elapsedMs: 5,
      };
    });
  const size = { columns: fc.integer({ min: 40, max: 200 }), rows: fc.integer({ min: 10, max: 60 }) };
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.record(size), (events, { columns, rows }) => {
      const now = stateOf(...events.map((one) => [0, one] as const));
      const lines = formatLive(now, { nowMs: 1_000_000, columns, rows }, plain);
      assert.ok(lines.length < rows, `${lines.length} lines`);
      for (const line of lines) assert.ok(line.length <= columns, line);
    }),
  );
});
