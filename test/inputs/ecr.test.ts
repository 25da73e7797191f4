import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { imagePlatforms } from '../../src/aws/ecr.ts';
import { createAwsSession } from '../../src/aws/session.ts';
import { type ClusterIdentity, unknownIdentity } from '../../src/cluster/cluster.ts';
import { createEcrImages, ecrImageOf } from '../../src/deploy/images/ecr-images.ts';
import { withPullSecret } from '../../src/deploy/images/pull-secret.ts';
import { ecrUses, type ResolvedImages, resolveImages } from '../../src/deploy/images/resolve-images.ts';
import { placedImages } from '../../src/manifests/containers.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { type AwsFront, type FrontAnswer, startAwsFront } from '../support/eks/aws-front.ts';
import { createRepository, ecrHost, pushImage, serveLayers } from '../support/moto/ecr.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { manifestsIn } from '../unit/manifests/helpers.ts';

/** Images in ECR: moto behind a front that counts, and can be told to refuse. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const never = new AbortController().signal;
const identity: ClusterIdentity = {
  ...unknownIdentity,
  account: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
};
const web = `${ecrHost}/team/web`;
let moto: Moto;
let front: AwsFront;
const digests: Record<string, string> = {};

before(async () => {
  if (whyNot !== undefined) return;
  moto = await startMoto();
  front = await startAwsFront(moto.url);
  serveLayers(front);
  // The SDK reads the variables of its process, and this file has one of its own.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, moto.env, {
    AWS_ENDPOINT_URL: front.url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  await createRepository(moto, 'team/web');
  await createRepository(moto, 'team/empty');
  for (const tag of ['1.4.0', '1.4.1', '1.4.2']) {
    digests[tag] = await pushImage(moto, 'team/web', tag, { architectures: ['amd64', 'arm64'] });
  }
  digests['arm'] = await pushImage(moto, 'team/web', 'arm', { architectures: ['arm64'] });
});
after(async () => {
  await front?.close();
  await moto?.stop();
});

function session(): ReturnType<typeof createAwsSession> {
  return createAwsSession({ env: process.env });
}

/** A Deployment with these images, a container each. */
function deployment(name: string, images: readonly string[], init: readonly string[] = []): string {
  const list = (all: readonly string[], prefix: string): string =>
    all.map((image, index) => `        - {name: ${prefix}${index}, image: "${image}"}\n`).join('');
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    spec:
      containers:
${list(images, 'c')}${init.length === 0 ? '' : `      initContainers:\n${list(init, 'i')}`}---
`;
}

function resolve(text: string, who: ClusterIdentity = identity): Promise<ResolvedImages> {
  return resolveImages(manifestsIn(text), who, createEcrImages(session()), never);
}

function imagesIn(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(({ body }) => placedImages(body).map(({ image }) => image));
}

async function problem(text: string, who: ClusterIdentity = identity): Promise<Finding> {
  const { findings } = await resolve(text, who);
  assert.equal(findings.length, 1, JSON.stringify(findings));
  const [finding] = findings;
  assert.ok(finding);
  return finding;
}

/** Until the test ends the front gives this answer to an action. */
function answering(action: string, answer: FrontAnswer): { stop(): void } {
  const override: AwsFront['overrides'][number] = (request) => (request.action === action ? answer : undefined);
  front.overrides.push(override);
  return { stop: () => void front.overrides.splice(front.overrides.indexOf(override), 1) };
}

function refusing(type: string, message: string): FrontAnswer {
  return {
    status: 400,
    body: JSON.stringify({ __type: type, message }),
    headers: { 'content-type': 'application/x-amz-json-1.1' },
  };
}

test(
  'a tag becomes its digest, the tag stands on the workload; other registries are left alone; each is asked once',
  needsMoto,
  async () => {
    const text =
      deployment('a', [`${web}:1.4.2`, 'nginx:1.27', `${web}@${digests['1.4.0'] ?? ''}`], [`${web}:1.4.1`]) +
      deployment('b', [`${web}:1.4.2`]);
    front.asked.length = 0;
    const { manifests, findings } = await resolve(text);
    assert.deepEqual(findings, []);
    const by = (tag: string): string => `${web}@${digests[tag] ?? ''}`;
    assert.deepEqual(imagesIn(manifests), [by('1.4.2'), 'nginx:1.27', by('1.4.0'), by('1.4.1'), by('1.4.2')]);
    assert.deepEqual(
      manifests.map(({ body }) => body.metadata.annotations),
      [{ 'oms-deploy.io/image-tags': 'c0=1.4.2,i0=1.4.1' }, { 'oms-deploy.io/image-tags': 'c0=1.4.2' }],
    );
    assert.equal(front.asked.filter((one) => one.includes('DescribeImages')).length, 3);
    const again = await resolveImages(manifests, identity, createEcrImages(session()), never);
    assert.deepEqual(
      again.manifests.map(({ body }) => body),
      manifests.map(({ body }) => body),
      'what is known by its digest keeps its tag',
    );
  },
);

test('a tag that is not there: the newest ones, and which was meant', needsMoto, async () => {
  const finding = await problem(deployment('a', [`${web}:1.4.3`]) + deployment('b', [`${web}:1.4.3`]));
  assert.deepEqual([finding.id, finding.severity, finding.origin?.line], ['images/not-found', 'error', 8]);
  assert.equal(finding.cause, `The image ${web}:1.4.3 is not in ECR.`);
  assert.match(finding.evidence.join(), /newest tags there: .*1\.4\.\d \(pushed \d+ s ago\)/);
  assert.match(finding.fix, /Did you mean 1\.4\.\d/);
  assert.deepEqual(finding.hits, [`Deployment shop/b: ${web}:1.4.3`]);
  const empty = await problem(deployment('a', [`${ecrHost}/team/empty:1`]));
  assert.deepEqual(empty.evidence, ['the repository has no tags']);
  const digest = `${web}@sha256:${'0'.repeat(64)}`;
  assert.equal((await problem(deployment('a', [digest]))).cause, `The image ${digest} is not in ECR.`);
});

test('no such repository', needsMoto, async () => {
  const finding = await problem(deployment('a', [`${ecrHost}/team/wbe:1`]));
  assert.equal(finding.id, 'images/no-repository');
  assert.match(finding.cause, /no repository team\/wbe in the ECR registry of account 123456789012 in us-east-1/);
});

test(
  'what ECR refuses: said once with the right that is missing, and whose registry it is; a digest needs no answer',
  needsMoto,
  async () => {
    const arn = 'arn:aws:ecr:us-east-1:999999999999:repository/team/web';
    const denied = answering(
      'DescribeImages',
      refusing(
        'AccessDeniedException',
        `User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:DescribeImages on resource: ${arn}`,
      ),
    );
    try {
      const other = '999999999999.dkr.ecr.us-east-1.amazonaws.com';
      const allowed = { ...identity, registries: [other] };
      const finding = await problem(deployment('a', [`${other}/team/web:1`, `${other}/team/api:1`]), allowed);
      assert.deepEqual([finding.id, finding.severity], ['aws/denied', 'error']);
      assert.match(finding.cause, /may not call ecr:DescribeImages on arn:aws:ecr/);
      assert.match(finding.evidence.join(), /that of account 999999999999, the target's account is 123456789012/);
      assert.equal(finding.hits?.length, 1);
      const pinned = await resolve(deployment('a', [`${web}@${digests['1.4.0'] ?? ''}`]));
      assert.deepEqual(
        pinned.findings.map(({ severity }) => severity),
        ['warning'],
      );
    } finally {
      denied.stop();
    }
  },
);

test(
  "a registry that the target doesn't allow is not asked, and its region is that of its host",
  needsMoto,
  async () => {
    front.asked.length = 0;
    const text = deployment('a', [web.replace('us-east-1', 'eu-west-1').concat(':1')]);
    const { findings, manifests } = await resolve(text);
    assert.deepEqual([findings, front.asked, imagesIn(manifests).length], [[], [], 1]);
    const regions: string[] = [];
    front.overrides.push(({ region }) => {
      regions.push(region);
      return undefined;
    });
    await resolve(text, { ...identity, registries: [ecrHost.replace('us-east-1', 'eu-west-1')] });
    front.overrides.pop();
    assert.ok(regions.length > 0 && regions.every((one) => one === 'eu-west-1'), regions.join());
  },
);

test(
  'architectures: of an index without its attestations, of a single image by its configuration',
  needsMoto,
  async () => {
    const platforms = async (tag: string): Promise<unknown> => {
      const image = ecrImageOf(`${web}:${tag}`);
      assert.ok(image);
      const reading = await imagePlatforms(session(), image.repository, digests[tag] ?? '', never);
      return reading.ok ? reading.value : reading.finding.id;
    };
    const linux = (architecture: string): unknown => ({ os: 'linux', architecture });
    assert.deepEqual(await platforms('1.4.2'), [linux('amd64'), linux('arm64')]);
    assert.deepEqual(await platforms('arm'), [linux('arm64')]);
    const denied = answering(
      'BatchGetImage',
      refusing('AccessDeniedException', 'not authorized to perform: ecr:BatchGetImage'),
    );
    assert.equal(await platforms('1.4.2'), 'aws/denied');
    denied.stop();
  },
);

test(
  'a pull secret: one token a region, its end is said, the pod templates name it, nobody else does',
  needsMoto,
  async () => {
    const expiresAt = Math.round(Date.now() / 1000) + 12 * 3600;
    const password = 'canary-ecr-password';
    const token = answering('GetAuthorizationToken', {
      status: 200,
      body: JSON.stringify({
        authorizationData: [{ authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'), expiresAt }],
      }),
      headers: { 'content-type': 'application/x-amz-json-1.1' },
    });
    try {
      const manifests = manifestsIn(deployment('a', [`${web}:1.4.2`]) + deployment('b', ['nginx:1']));
      const uses = manifests.flatMap((manifest) => ecrUses(manifest, identity));
      const place = { application: 'shop', namespace: 'shop' };
      const made = await withPullSecret('ecr', manifests, uses, place, createEcrImages(session()), never);
      const [a, b, secret] = made.manifests.map(({ body }) => body);
      assert.match(JSON.stringify(a?.spec), /"imagePullSecrets":\[\{"name":"ecr"\}\]/);
      assert.doesNotMatch(JSON.stringify(b?.spec), /imagePullSecrets/);
      assert.equal(secret?.['type'], 'kubernetes.io/dockerconfigjson');
      const data = JSON.stringify(secret?.['data']);
      const [, encoded = ''] = /"\.dockerconfigjson":"([^"]+)"/.exec(data) ?? [];
      const config: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
      const auth = Buffer.from(`AWS:${password}`).toString('base64');
      assert.deepEqual(config, { auths: { [ecrHost]: { username: 'AWS', password, auth } } });
      assert.ok(made.secretValues.includes(password) && made.secretValues.includes(auth));
      const [finding] = made.findings;
      assert.deepEqual([finding?.id, finding?.severity], ['images/pull-secret', 'warning']);
      assert.match(finding?.cause ?? '', /expires at \d{4}-\d\d-\d\d \d\d:\d\d UTC \(in 12 h\)/);
      assert.match(finding?.fix ?? '', /role of the nodes/);
    } finally {
      token.stop();
    }
  },
);
