import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flawsOf, type Measured, type Outcome, timesOf, wordsOf } from '../../../../scripts/bench/failures/report.ts';

function own(atMs: number, more: Partial<Outcome> = {}, isRight = true): Outcome {
  const answer = { atMs, causeAtMs: 2_100, words: 'the image a:1 does not exist.', isRight };
  return { tool: 'oms-deploy', signalMs: 2_000, answer, ...more };
}

const kubectl: Outcome = { tool: 'kubectl', signalMs: 1_500, answer: { atMs: 120_200, words: 'error: timed out' } };
const noHelm: Outcome = { tool: 'helm', missing: 'there is no go on the PATH to build it' };

function measured(...outcomes: [Outcome, ...Outcome[]]): Measured {
  return { title: 'image not found', outcomes };
}

test('each tool has a line of times and one of words; a missing one says why', () => {
  const all = [measured(own(14_000), kubectl, noHelm)];
  assert.deepEqual(timesOf(all), [
    'fault            tool        signal  cause shown  ended    after signal  when oms-deploy ended',
    'image not found  oms-deploy   2.0 s        2.1 s   14.0 s        12.0 s',
    '                 kubectl      1.5 s        never  120.2 s       118.7 s  still waiting',
    '                 helm             -            -        -             -                      -',
  ]);
  assert.deepEqual(wordsOf(all), [
    'fault            tool        last words',
    'image not found  oms-deploy  the image a:1 does not exist.',
    '                 kubectl     error: timed out',
    '                 helm        no helm: there is no go on the PATH to build it',
  ]);
});

test('in time, right and first: no flaws', () => {
  assert.deepEqual(flawsOf(measured(own(17_000), kubectl, noHelm)), []);
});

test('late, wrong, beaten and unseen are flaws', () => {
  assert.deepEqual(flawsOf(measured(own(17_100), kubectl)), [
    'image not found: oms-deploy ended 15.1 s after the signal; 15.0 s is the limit.',
  ]);
  assert.deepEqual(flawsOf(measured(own(5_000, {}, false))), [
    'image not found: oms-deploy did not name the cause, or not this one alone: the image a:1 does not exist.',
  ]);
  const faster = { ...kubectl, answer: { atMs: 4_000, words: 'error' } };
  assert.deepEqual(flawsOf(measured(own(5_000), faster)), ['image not found: kubectl had ended before oms-deploy.']);
  const { signalMs: _, ...unseen } = own(5_000);
  assert.deepEqual(flawsOf(measured(unseen)), ['image not found: the signal was not seen.']);
});
