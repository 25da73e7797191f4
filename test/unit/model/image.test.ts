import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatImageName,
  type ImageChange,
  imageMistake,
  meansRepository,
  parseImageChoice,
  parseImageName,
  parseImageSetting,
  withChange,
} from '../../../src/model/image.ts';
import { askedImage, imageTagsOf, taggedImage, withImageTags } from '../../../src/model/image-tags.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';

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

const digest = `sha256:${'0f'.repeat(32)}`;

const names: readonly (readonly [string, ReturnType<typeof parseImageName>])[] = [
  ['web', { repository: 'web' }],
  ['host:5000/web', { repository: 'host:5000/web' }],
  ['host:5000/team/web:1.4', { repository: 'host:5000/team/web', tag: '1.4' }],
  [`web@${digest}`, { repository: 'web', digest }],
  [`host/web:1@${digest}`, { repository: 'host/web', tag: '1', digest }],
  ['${a}.dkr.ecr.${r}.${s}/web:${image_tag}', { repository: '${a}.dkr.ecr.${r}.${s}/web', tag: '${image_tag}' }],
  ['<AWS_ID>.dkr.ecr.x/web:REPLACE_WITH_TAG', { repository: '<AWS_ID>.dkr.ecr.x/web', tag: 'REPLACE_WITH_TAG' }],
];

for (const [text, name] of names) {
  test(`the parts of ${text}, and together again`, () => {
    assert.deepEqual(parseImageName(text), name);
    assert.equal(formatImageName(name), text);
  });
}

const settings: readonly (readonly [string, ImageChange | RegExp])[] = [
  ['web=:1.4', { tag: '1.4' }],
  [`web=@${digest}`, { digest }],
  ['web=host/team/web:2', { repository: 'host/team/web', tag: '2' }],
  ['web=host/team/web', { repository: 'host/team/web' }],
  [`web=host/web@${digest}`, { repository: 'host/web', digest }],
  [`web=:2@${digest}`, { tag: '2', digest }],
  ['web', /no =/],
  ['=x:1', /no name of a repository/],
  ['web:1=:2', /no name of a repository/],
  ['web=', /empty/],
  ['web=:', /no tag/],
  ['web=@sha256:1', /digest/],
  ['web=Host/Web:1', /lower case/],
];

for (const [text, expected] of settings) {
  test(`--image ${text.slice(0, 30)}`, () => {
    const setting = parseImageSetting(text);
    if (expected instanceof RegExp) assert.match('why' in setting ? setting.why : '', expected);
    else assert.deepEqual(setting, { name: text.split('=')[0], change: expected });
  });
}

test('a name means a repository as a whole, or by its last parts, at a slash', () => {
  const repository = 'host:5000/crypto-oms/order-ingestion';
  for (const name of ['order-ingestion', 'crypto-oms/order-ingestion', repository])
    assert.ok(meansRepository(name, repository), name);
  for (const name of ['ingestion', 'order', 'oms/order-ingestion', 'crypto-oms', '/order-ingestion'])
    assert.ok(!meansRepository(name, repository), name);
});

test('another tag takes the digest away, another digest the tag, another repository neither', () => {
  const name = { repository: 'web', tag: '1', digest };
  assert.deepEqual(withChange(name, { tag: '2' }), { repository: 'web', tag: '2' });
  assert.deepEqual(withChange({ repository: 'web', tag: '1' }, { digest }), { repository: 'web', digest });
  assert.deepEqual(withChange(name, { repository: 'api' }), { repository: 'api', tag: '1', digest });
});

test('the tags on a workload: written, read, taken away with nothing left of them', () => {
  const bare: KubernetesObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  const tags = new Map([
    ['app', '1.4'],
    ['migrate', '7'],
  ]);
  const tagged = withImageTags(bare, tags);
  assert.deepEqual(tagged.metadata.annotations, { 'oms-deploy.io/image-tags': 'app=1.4,migrate=7' });
  assert.deepEqual(imageTagsOf(tagged), tags);
  assert.deepEqual(withImageTags(tagged, new Map()), bare);
  assert.equal(withImageTags(bare, new Map()), bare);
  assert.equal(taggedImage(`web@${digest}`, '1.4'), `web:1.4@${digest}`);
  assert.equal(askedImage(`web@${digest}`, '1.4'), 'web:1.4');
  assert.equal(askedImage('web:2', '1.4'), 'web:2', 'what has no digest was changed by hand: its own tag counts');
});
