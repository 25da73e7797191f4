import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  flawsOf,
  formatStretches,
  replay,
  withLateWatch,
  withWatchesReversed,
} from '../../../scripts/record-streams/replay.ts';
import { outcomeOf } from '../../../scripts/record-streams/scenario.ts';
import { scenarios } from '../../../scripts/record-streams/scenarios/index.ts';
import { parseStream } from '../../../scripts/record-streams/stream.ts';
import { kinds } from '../../../src/kinds/index.ts';

/**
 * Event streams that were recorded on the sandbox (`npm run record:streams`), judged as a wait judges them while they
 * come. What it says, and when, stands beside each stream; `npm run record:streams -- --expectations` writes it anew.
 */
const root = new URL('../../fixtures/streams/', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
const idsOf = (ending: string): readonly string[] =>
  files
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
const ids = idsOf('.ndjson');

/** These wait for ever, or only warn. */
const neverFails = new Set(['PodDisruptionBudget']);
const judged = kinds.filter(({ assess }) => assess !== undefined);

/** `StatefulSet` -> `stateful-set`. */
function folderOf(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

for (const { kind } of judged) {
  test(`${kind} has a stream for every way in which a wait can end`, () => {
    const outcomes = new Set(ids.filter((id) => id.startsWith(`${folderOf(kind)}/`)).map(outcomeOf));
    const wanted = neverFails.has(kind) ? ['progressing', 'ready'] : ['failed', 'progressing', 'ready'];
    assert.deepEqual([...outcomes].sort(), wanted);
  });
}

test('every stream has its expectation and its scenario, and the other way round', () => {
  assert.deepEqual(ids, idsOf('.expected.txt'));
  assert.deepEqual(ids, scenarios.map(({ id }) => id).sort());
});

for (const id of ids) {
  const text = readFileSync(new URL(`${id}.ndjson`, root), 'utf8');
  const stream = parseStream(text);
  const outcome = outcomeOf(id);

  test(`${id}: ${stream.shows}`, () => {
    assert.equal(id.split('/')[0], folderOf(stream.ref.kind));
    const expected = new URL(`${id}.expected.txt`, root);
    assert.ok(existsSync(expected), `${id} has no expectation: npm run record:streams -- --expectations ${id}`);
    const said = replay(stream);
    assert.deepEqual(flawsOf(outcome, said), []);
    assert.equal(formatStretches(said), readFileSync(expected, 'utf8'));
  });

  test(`${id}: the same when watches overtake each other`, () => {
    assert.deepEqual(flawsOf(outcome, replay(withWatchesReversed(stream, 50))), []);
    for (const kind of new Set(stream.events.map(({ object }) => object.kind))) {
      assert.deepEqual(flawsOf(outcome, replay(withLateWatch(stream, kind, 1000))), [], `the watch of ${kind} is late`);
    }
  });

  test(`${id} is small and does not tell where it was recorded`, () => {
    assert.ok(text.length < 60_000, `${text.length} bytes`);
    assert.doesNotMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-|managedFields|resourceVersion|reportingInstance/);
    assert.doesNotMatch(text, /127\.0\.0\.1|localhost|\/(?:home|root|tmp|Users|work)\//);
    const order = stream.events.map(({ atMs }) => atMs);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.ok((order.at(-1) ?? 0) <= stream.lastsMs);
  });
}
