import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffObjects } from '../../../../src/deploy/diff.ts';
import { withImageWords } from '../../../../src/deploy/images/image-changes.ts';
import type { KubernetesObject } from '../../../../src/model/object.ts';
import { formatFieldChange } from '../../../../src/model/plan.ts';
import { live } from '../helpers.ts';

const [a, b] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`);

function deployment(images: Readonly<Record<string, string>>, tags?: string): KubernetesObject {
  const containers = Object.entries(images).map(([name, image]) => ({ name, image }));
  const annotations = tags === undefined ? {} : { annotations: { 'oms-deploy.io/image-tags': tags } };
  const metadata = { name: 'web', ...annotations };
  return live({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: { spec: { containers } } } });
}

const cases: readonly (readonly [string, KubernetesObject, KubernetesObject, readonly string[]])[] = [
  ['tags in the names', deployment({ app: 'web:1' }), deployment({ app: 'web:2' }), ['image 1 -> 2']],
  [
    'tags beside digests',
    deployment({ app: `web@${a}` }, 'app=1.4.1'),
    deployment({ app: `web@${b}` }, 'app=1.4.2'),
    ['image 1.4.1 -> 1.4.2'],
  ],
  [
    'a tag that was moved',
    deployment({ app: `web@${a}` }, 'app=1.4'),
    deployment({ app: `web@${b}` }, 'app=1.4'),
    ['image 1.4 was pushed anew: sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb'],
  ],
  [
    'another tag of the same image',
    deployment({ app: `web@${a}` }, 'app=1.4'),
    deployment({ app: `web@${a}` }, 'app=1.5'),
    ['image tag 1.4 -> 1.5: the same image'],
  ],
  [
    'a tag, and from now on its digest',
    deployment({ app: 'web:1' }),
    deployment({ app: `web@${a}` }, 'app=1'),
    ['image 1, from now on by its digest'],
  ],
  [
    'a digest whose tag nobody knows',
    deployment({ app: `web@${a}` }),
    deployment({ app: `web@${b}` }, 'app=2'),
    ['image sha256:aaaaaaaaaaaa -> 2'],
  ],
  [
    'of several containers one',
    deployment({ app: `web@${a}`, proxy: 'envoy:1' }, 'app=1'),
    deployment({ app: `web@${b}`, proxy: 'envoy:1' }, 'app=2'),
    ['image app 1 -> 2'],
  ],
  [
    'another repository: all of it',
    deployment({ app: 'web:1' }),
    deployment({ app: 'api:1' }),
    ['spec.template.spec.containers[app].image: web:1 -> api:1'],
  ],
];

for (const [name, before, after, expected] of cases) {
  test(`a changed image: ${name}`, () => {
    const fields = withImageWords(diffObjects(before, after), before, after);
    assert.deepEqual(
      fields.map((field) => formatFieldChange(field, 60)),
      expected,
    );
  });
}
