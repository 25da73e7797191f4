import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, faults } from '../../../../scripts/bench/failures/faults.ts';
import { readEvents, readSentences } from '../../../../scripts/bench/failures/said.ts';

const image = faults.find(({ id }) => id === 'image') ?? assert.fail();
const linesOf = (...texts: readonly string[]) => texts.map((text, index) => ({ atMs: index * 100, text }));

test('the last words of a tool begin where it speaks of an error', () => {
  const helm = linesOf(
    'Release "shop" does not exist. Installing it now.',
    'Error: resource Deployment/image-helm/checkout not ready. status: InProgress, message: Available: 0/1',
    'context deadline exceeded',
    '',
  );
  assert.deepEqual(readSentences(image, helm), {
    words:
      'Error: resource Deployment/image-helm/checkout not ready. status: InProgress, message: Available: 0/1; context deadline exceeded',
  });
  const said = readSentences(image, linesOf('applied', 'pull of example.com/checkout:1.4.3: not found', 'gave up'));
  assert.deepEqual(said, { causeAtMs: 100, words: 'gave up' });
  assert.equal(readSentences(image, []).words, '');
});

type Cause = readonly [id: string, cause: string];

/** The result of a run with these errors, and a warning. */
function result(...causes: readonly Cause[]): string {
  const findings = causes.map(([id, cause]) => ({ id, cause, severity: 'error' }));
  const lint = { id: 'pod/no-requests', cause: 'It has no requests.', severity: 'warning' };
  return JSON.stringify({ type: 'result', error: { message: 'The rollout failed.' }, findings: [lint, ...findings] });
}

test('oms-deploy is right where it blames the faulty Deployment alone, for its cause', () => {
  const cause = 'Deployment image-oms-deploy/checkout: the image example.com/checkout:1.4.3 does not exist.';
  const progress = JSON.stringify({ type: 'progress', why: 'the image example.com/checkout:1.4.3 does not exist' });
  assert.deepEqual(readEvents(image, linesOf('{}', progress, result(['image/not-found', cause]))), {
    causeAtMs: 100,
    words: cause,
    isRight: true,
  });
  const isRight = (...causes: readonly Cause[]): boolean | undefined =>
    readEvents(image, linesOf(result(...causes))).isRight;
  assert.equal(isRight(['image/denied', cause]), false);
  assert.equal(isRight(['image/not-found', cause.replace('/checkout:', '/catalog:')]), false);
  assert.equal(isRight(['image/not-found', cause], ['service/no-endpoints', 'Service web/catalog: none.']), false);
});

test('oms-deploy without a finding has its error or its last line as its last words', () => {
  assert.deepEqual(readEvents(image, linesOf(result())), { words: 'The rollout failed.', isRight: false });
  assert.deepEqual(readEvents(image, linesOf('Killed')), { words: 'Killed', isRight: false });
  assert.deepEqual(readEvents(image, []), { words: '', isRight: false });
});

test('the cause of each fault is recognised in the words of oms-deploy and of the kubelet', () => {
  const words: Readonly<Record<string, readonly string[]>> = {
    image: ['the image example.com/checkout:1.4.3 does not exist', 'example.com/checkout:1.4.3: not found'],
    crash: ['the container ends with exit code 1', 'container checkout: CrashLoopBackOff'],
    key: ['Secret key/checkout-db has no key password', "couldn't find key password in Secret key/checkout-db"],
  };
  const shows = (fault: Fault, text: string): boolean => readSentences(fault, linesOf(text)).causeAtMs === 0;
  for (const fault of faults) {
    for (const text of words[fault.id] ?? assert.fail(fault.id)) assert.ok(shows(fault, text), text);
    assert.ok(!shows(fault, `Waiting for deployment "checkout" rollout to finish in ${fault.id}-kubectl`));
  }
});
