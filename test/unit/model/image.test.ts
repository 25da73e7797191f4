import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageMistake, parseImageChoice } from '../../../src/model/image.ts';

const good: readonly string[] = [
  'web',
  'web:2',
  'example.com/web:2',
  'localhost:5000/team/web:1.4.2-rc.1_x',
  'Registry.Example.com/web',
  '[::1]:5000/web:2',
  '123456789012.dkr.ecr.us-east-1.amazonaws.com/crypto-oms/order-ingestion:1.4.2',
  `example.com/a__b/c---d@sha256:${'0f'.repeat(32)}`,
  `example.com/web:2@sha256:${'0f'.repeat(32)}`,
];

for (const text of good) test(`an image: ${text}`, () => assert.equal(imageMistake(text), undefined));

const bad: readonly (readonly [string, RegExp])[] = [
  ['', /empty/],
  [' ', /space/],
  ['example.com/web 2', /space/],
  ['example.com/Web:2', /lower case/],
  ['REPLACE_WITH_IMAGE', /lower case/],
  ['web:', /"" is no tag/],
  ['web:-1', /"-1" is no tag/],
  [`web:${'x'.repeat(129)}`, /no tag/],
  ['web@sha256:12', /digest/],
  ['web@', /digest/],
  ['/web', /no repository/],
  ['web//api', /no repository/],
  ['https://example.com/web:2', /no repository/],
  ['${image}', /no repository/],
  ['web_', /no repository/],
  [`example.com/${'x'.repeat(255)}`, /255/],
];

for (const [text, why] of bad)
  test(`no image: ${text.slice(0, 40)}`, () => assert.match(imageMistake(text) ?? '', why));

test('an image with its container, as kubectl set image takes it', () => {
  assert.deepEqual(parseImageChoice('web=example.com/web:2'), { container: 'web', image: 'example.com/web:2' });
  assert.deepEqual(parseImageChoice('example.com/web:2'), { image: 'example.com/web:2' });
  assert.deepEqual(parseImageChoice('web='), { container: 'web', image: '' });
});
