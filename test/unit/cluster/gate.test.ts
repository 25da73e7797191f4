import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate, type Gate, type Load } from '../../../src/cluster/gate.ts';
import { never } from './helpers.ts';

interface Work {
  /** Ends the oldest that is in flight. */
  end(load: Load): Promise<void>;
  inFlight(): number;
}

function begin(gate: Gate, count: number, signal = never): Work & { readonly all: Promise<unknown>[] } {
  const running: ((load: Load) => void)[] = [];
  const all = Array.from({ length: count }, () =>
    gate.pass(
      () => new Promise<Load>((resolve) => running.push(resolve)),
      (load) => load,
      signal,
    ),
  );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    all,
    async end(load) {
      await settle();
      running.shift()?.(load);
      await settle();
    },
    inFlight: () => running.length,
  };
}

test('32 at once; a refusal halves that, once for all that were in flight with it, down to 2', async () => {
  const work = begin(createGate(), 400);
  await work.end(undefined);
  assert.equal(work.inFlight(), 32);
  for (let count = 0; count < 32; count += 1) await work.end('overloaded');
  assert.equal(work.inFlight(), 16);
  for (let count = 0; count < 16; count += 1) await work.end('overloaded');
  assert.equal(work.inFlight(), 8);
  for (let count = 0; count < 60; count += 1) await work.end('overloaded');
  assert.equal(work.inFlight(), 2);
});

test('20 answers make room for one more; an answer that says nothing changes nothing', async () => {
  const work = begin(createGate(), 1_500);
  for (let count = 0; count < 32; count += 1) await work.end('overloaded');
  assert.equal(work.inFlight(), 16);
  for (let count = 0; count < 19; count += 1) await work.end('fine');
  for (let count = 0; count < 50; count += 1) await work.end(undefined);
  assert.equal(work.inFlight(), 16);
  await work.end('fine');
  assert.equal(work.inFlight(), 17);
  for (let count = 0; count < 1_000; count += 1) await work.end('fine');
  assert.equal(work.inFlight(), 32);
});

test('an abort ends the waiting of its own, not of others; work that fails leaves', async () => {
  const gate = createGate();
  const first = begin(gate, 32);
  const controller = new AbortController();
  const given = begin(gate, 3, controller.signal);
  const others = begin(gate, 3);
  const ended = given.all.map((one) => assert.rejects(one, { code: 'interrupted' }));
  controller.abort();
  await Promise.all(ended);
  for (let count = 0; count < 3; count += 1) await first.end('fine');
  assert.deepEqual([given.inFlight(), others.inFlight()], [0, 3]);
  await assert.rejects(
    createGate().pass(
      () => Promise.resolve(1),
      () => 'fine',
      AbortSignal.abort(),
    ),
    { code: 'interrupted' },
  );
  const failing = createGate();
  const fails = (): Promise<unknown> =>
    failing.pass(
      () => Promise.reject(new Error('broken')),
      () => 'fine',
      never,
    );
  for (let count = 0; count < 40; count += 1) await assert.rejects(fails(), { message: 'broken' });
});
