import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesIn } from '../../../src/model/text.ts';

test('namesIn: a few as they are, of many the first ones and how many more there are', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  assert.equal(namesIn(names(9)), 'n0, n1, n2, n3, n4, n5, n6, n7, n8');
  assert.equal(namesIn(names(1000)), 'n0, n1, n2, n3, n4, n5, n6, n7 and 992 more');
});
