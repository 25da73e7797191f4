import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import { type Around, chooseImages, type ImageChoices, inputsOfTag } from '../../../src/manifests/choose-images.ts';
import { imageScalars } from '../../../src/manifests/image-scalars.ts';
import { withoutTokens } from '../../../src/manifests/placeholders/tokens.ts';
import { usesOf } from '../../../src/manifests/uses.ts';
import { loaded } from './helpers.ts';

const ecr = '${aws_account_id}.dkr.ecr.${aws_region}.${aws_dns_suffix}/crypto-oms';
const digest = `sha256:${'0f'.repeat(32)}`;
const none: ImageChoices = { config: {}, flags: [] };
const whole: Around = { elsewhere: [], isPart: false };

/** A pod with these images, one a container. */
function pod(...images: readonly string[]): string {
  const containers = images.map((image, index) => `    - name: c${index}\n      image: ${image}\n`).join('');
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n${containers}`;
}

/** The images of a text once these choices are made. */
function chosen(text: string, choices: Partial<ImageChoices>): readonly string[] {
  const { files, findings } = chooseImages([loaded(text)], { ...none, ...choices }, whole);
  assert.deepEqual(findings, []);
  return files.flatMap((file) => imageScalars(file).images).map(({ image }) => withoutTokens(image));
}

const flag = (name: string, change: ImageChoices['flags'][number]['change']): ImageChoices['flags'][number] => ({
  name,
  change,
});

test('by its last part, by its path, by its whole repository', () => {
  const text = pod(`${ecr}/order-ingestion:1`, 'nginx:1.27');
  for (const name of ['order-ingestion', 'crypto-oms/order-ingestion'])
    assert.deepEqual(chosen(text, { config: { [name]: { tag: '2' } } }), [`${ecr}/order-ingestion:2`, 'nginx:1.27']);
});

test('the flag beats --tag, that beats the configuration, and each only what it speaks of', () => {
  const text = pod('host/web:1', 'host/api:1', 'host/job:1');
  const config = { web: { repository: 'other/web', tag: '2' }, api: { tag: '2' } };
  assert.deepEqual(chosen(text, { config }), ['other/web:2', 'host/api:2', 'host/job:1']);
  assert.deepEqual(chosen(text, { config, tag: '3' }), ['other/web:3', 'host/api:3', 'host/job:1']);
  const flags = [flag('web', { tag: '4' }), flag('job', { digest })];
  assert.deepEqual(chosen(text, { config, tag: '3', flags }), ['other/web:4', 'host/api:3', `host/job@${digest}`]);
  assert.deepEqual(chosen(text, { config, flags: [flag('other/web', { tag: '5' })] }), [
    'other/web:5',
    'host/api:2',
    'host/job:1',
  ]);
});

test('of two names that mean an image the one that says more of it counts', () => {
  const config = { web: { tag: '2' }, 'team/web': { tag: '3' } };
  assert.deepEqual(chosen(pod('host/team/web:1', 'host/web:1'), { config }), ['host/team/web:3', 'host/web:2']);
});

test('--tag without named images: those in private ECR registries, also by placeholder; no others', () => {
  const hosts = [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    '<AWS_ACCOUNT>.dkr.ecr.x.amazonaws.com',
    '${registry}',
  ];
  const text = pod(...hosts.map((host) => `"${host}/web:1"`), 'public.ecr.aws/x/web:1', 'nginx:1', '"${image}"');
  assert.deepEqual(chosen(text, { tag: '2' }), [
    ...hosts.map((host) => `${host}/web:2`),
    'public.ecr.aws/x/web:1',
    'nginx:1',
    '${image}',
  ]);
});

test('a placeholder that is replaced is neither looked for nor unused; one of the registry stays', () => {
  const files = [loaded(pod(`"${ecr}/web:\${image_tag}"`))];
  const { files: after, replaced } = chooseImages(files, { ...none, tag: '2' }, whole);
  assert.deepEqual([...usesOf(after).names.keys()], ['aws_account_id', 'aws_region', 'aws_dns_suffix']);
  assert.ok(replaced.has('image_tag'));
});

test('init containers, lists, flow mappings, quotes, aliases, several lines: the rest of the file stays, line by line', () => {
  const text = `# web:1 in a comment
apiVersion: v1
kind: List
items:
  - kind: Deployment
    spec: {template: {spec: {initContainers: [{name: i, image: 'host/web:1'}], containers: [{image: &w host/web:1, name: c}]}}}
  - kind: CronJob
    spec:
      jobTemplate:
        spec:
          template:
            spec:
              containers:
                - image: *w
                - image: >-
                    host/web:1
                  name: d # the last
  - kind: ConfigMap
    data: {image: host/web:1}
`;
  const { files } = chooseImages([{ name: 'a.yaml', text }], { ...none, flags: [flag('web', { tag: '2' })] }, whole);
  const after = files[0]?.text ?? '';
  assert.equal((after.match(/"host\/web:2"/g) ?? []).length, 4);
  const lineOf = (whole: string, part: string): number => whole.split('\n').findIndex((line) => line.includes(part));
  for (const part of ['# web:1 in a comment', 'kind: CronJob', 'name: d # the last', 'kind: ConfigMap'])
    assert.equal(lineOf(after, part), lineOf(text, part), part);
  assert.match(after, /data: \{image: host\/web:1\}/);
});

test('a name that no image has: what was meant, and where it was said', () => {
  const files = [{ name: 'a.yaml', text: pod('host/crypto-oms/order-ingestion:1', 'nginx:1') }];
  const choices = {
    ...none,
    config: { 'order-ingestoin': { tag: '2' } },
    placeOf: () => ({ file: 'oms-deploy.yaml', line: 4, column: 3 }),
    flags: [flag('crypto-oms/orders', { tag: '2' })],
  };
  const { findings } = chooseImages(files, choices, whole);
  assert.deepEqual(
    findings.map(({ origin }) => origin?.line),
    [4, undefined],
  );
  assert.deepEqual(
    findings.map(({ id, severity, cause, fix }) => [id, severity, cause, fix]),
    [
      [
        'images/unknown',
        'error',
        'images.order-ingestoin of the configuration names no image of the manifests.',
        'Did you mean order-ingestion?',
      ],
      [
        'images/unknown',
        'error',
        '--image crypto-oms/orders=... names no image of the manifests.',
        'Name an image of the manifests by its whole repository, or by the last parts of it.',
      ],
    ],
  );
});

test('what the configuration names may be in an add-on that is off; where files are missing or broken nothing is said', () => {
  const files = [{ name: 'a.yaml', text: pod('host/web:1') }];
  const addon = { name: 'b.yaml', text: pod('host/extra:1') };
  const config = { extra: { tag: '2' } };
  assert.deepEqual(chooseImages(files, { ...none, config }, { elsewhere: [addon], isPart: false }).findings, []);
  assert.equal(chooseImages(files, { ...none, config }, whole).findings.length, 1);
  assert.deepEqual(chooseImages(files, { ...none, config, tag: '1' }, { elsewhere: [], isPart: true }).findings, []);
  const broken = { name: 'c.yaml', text: 'image: [' };
  assert.deepEqual(chooseImages([broken], { ...none, config, tag: '1' }, whole).findings, []);
});

test('a --tag of no image is refused, with what to do', () => {
  const files = [{ name: 'a.yaml', text: pod('nginx:1') }];
  const refused = (config: ImageChoices['config'], why: RegExp): void =>
    assert.throws(
      () => chooseImages(files, { ...none, config, tag: '2' }, whole),
      (error) => {
        assert.ok(error instanceof DeployError && error.code === 'usage');
        assert.match(error.why ?? '', why);
        assert.match(error.fix ?? '', /--image nginx=:2/);
        return true;
      },
    );
  refused({}, /in a private ECR registry/);
  refused({ web: { tag: '1' } }, /names under images:/);
});

test('--tag is the way for inputs that stand in nothing but tags it replaces', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
  const texts = ['1.dkr.ecr.eu-west-1.amazonaws.com/web:${web_tag}', 'example.com/job:${job_tag}'];
  const pod = (image: string): string => `kind: Pod\nspec: {containers: [{name: a, image: "${image}"}]}\n`;
  const inputsIn = (extra = '', config = {}): readonly string[] => [
    ...inputsOfTag([loaded(`${texts.map(pod).join('---\n')}${extra}`)], config),
  ];
  assert.deepEqual(inputsIn(), ['web_tag']);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
  assert.deepEqual(inputsIn('---\nkind: ConfigMap\ndata: {version: "${web_tag}"}\n'), []);
  assert.deepEqual(inputsIn('', { job: { repository: 'example.com/job' } }), ['job_tag']);
});
