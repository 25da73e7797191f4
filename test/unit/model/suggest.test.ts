import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, editDistance, suggest } from '../../../src/model/suggest.ts';

const names = ['kafka_bootstrap_brokers', 'redis_endpoint', 'redis_port', 'documentdb_endpoint', 'vpc_id'];

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['kafka_bootstrap_servers', ['kafka_bootstrap_brokers']],
  ['redis-endpoint', ['redis_endpoint']],
  ['REDIS_ENDPIONT', ['redis_endpoint']],
  ['log_level', []],
  ['', []],
  ['vpc', []],
];

for (const [wanted, expected] of cases) {
  test(`suggest ${JSON.stringify(wanted)}`, () => assert.deepEqual(suggest(wanted, names), expected));
}

test('editDistance', () => {
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('same', 'same'), 0);
});

test('didYouMean', () => {
  assert.equal(didYouMean('redis_porte', names), 'Did you mean redis_port?');
  assert.equal(didYouMean('x', names), '');
});
