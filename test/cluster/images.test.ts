import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { arrayOf, at, type JsonObject, objectOf, textOf } from '../../src/model/json.ts';
import { type CliResult, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { makeKubeconfig } from '../support/eks/app.ts';
import { type AwsFront, type FrontAnswer, startAwsFront } from '../support/eks/aws-front.ts';
import { createRepository, ecrHost, pushImage, serveLayers } from '../support/moto/ecr.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';
import { getSandbox, type TestSandbox } from '../support/sandbox.ts';

/** Images in ECR on a cluster of AWS: moto is ECR, and the sandbox has the name of an EKS cluster. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const context = 'arn:aws:eks:us-east-1:123456789012:cluster/oms';
const tagsAnnotation = 'oms-deploy.io/image-tags';
const password = 'canary-ecr-password-of-12-hours';
let moto: Moto;
let front: AwsFront;

before(async () => {
  if (whyNot !== undefined) return;
  moto = await startMoto();
  front = await startAwsFront(moto.url);
  serveLayers(front);
});
after(async () => {
  await front?.close();
  await moto?.stop();
});

interface App {
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly folder: string;
  /** The repository of the one image. */
  readonly repository: string;
  push(tag: string, content?: string, architectures?: readonly string[]): Promise<string>;
  run(command: readonly string[], args?: readonly string[], kubeconfig?: string): Promise<CliResult>;
  live(): Promise<JsonObject>;
  pods(): Promise<readonly string[]>;
}

/** A Deployment of one pod, with the image `web:${tag}` in ECR. */
async function makeApp(t: TestContext): Promise<App> {
  const sandbox = await getSandbox();
  const namespace = await sandbox.createNamespace('images', t);
  const repository = `${namespace}/web`;
  await createRepository(moto, repository);
  const folder = await makeFolder(t, {
    'oms-deploy.yaml': 'application: web\nnamespace: web\nmanifests: [k8s]\n',
    'k8s/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: ${ecrHost}/${repository}:\${image_tag}
          readinessProbe: {httpGet: {path: /ready, port: 80}}
`,
  });
  const own = await makeKubeconfig(t, { sandbox }, { context });
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  return {
    sandbox,
    namespace,
    folder,
    repository: `${ecrHost}/${repository}`,
    push: (tag, content = tag, architectures = ['amd64', 'arm64']) =>
      pushImage(moto, repository, tag, { architectures, content }),
    run: (command, args = [], kubeconfig = own) =>
      runCli([...command, '--kubeconfig', kubeconfig, '--namespace', namespace, '--output', 'json', ...args], {
        cwd: folder,
        env: { ...moto.env, AWS_ENDPOINT_URL: front.url },
      }),
    live: async () => objectOf((await sandbox.request('GET', path)).body),
    async pods() {
      const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/pods`);
      const alive = arrayOf(objectOf(body).items).filter(
        (pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined,
      );
      return alive.map((pod) => textOf(at(pod, 'metadata', 'uid')));
    },
  };
}

function imageOf(live: JsonObject): readonly (string | undefined)[] {
  const [container] = arrayOf(at(live, 'spec', 'template', 'spec', 'containers'));
  const annotations = objectOf(at(live, 'metadata', 'annotations'));
  return [textOf(at(container, 'image')), textOf(annotations[tagsAnnotation])];
}

async function done(run: Promise<CliResult>): Promise<CliResult> {
  const result = await run;
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result;
}

/** Until the test ends the front answers an action itself. */
function answering(t: TestContext, action: string, answer: () => FrontAnswer): void {
  const override: AwsFront['overrides'][number] = (request) => (request.action === action ? answer() : undefined);
  front.overrides.push(override);
  t.after(() => void front.overrides.splice(front.overrides.indexOf(override), 1));
}

/** What a plan says of the Deployment, as people read it. */
async function planned(app: App, tag: string): Promise<string> {
  const run = await done(app.run(['plan'], ['--tag', tag, '--output', 'plain']));
  return run.stdout + run.stderr;
}

test(
  'by its digest, the tag beside it; a second run writes nothing; another tag of the same image restarts no pod',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    const digest = await app.push('1.4.1', 'first');
    await done(app.run(['up'], ['--yes', '--tag', '1.4.1']));
    assert.deepEqual(imageOf(await app.live()), [`${app.repository}@${digest}`, 'web=1.4.1']);
    const template = at(await app.live(), 'spec', 'template', 'metadata', 'annotations');
    assert.equal(objectOf(template)[tagsAnnotation], undefined);

    const pods = await app.pods();
    const again = await done(app.run(['up'], ['--yes', '--tag', '1.4.1']));
    assert.deepEqual(resultOf(again).changes, { created: 0, updated: 0, unchanged: 1, deleted: 0 });

    assert.equal(await app.push('1.4.2', 'first'), digest);
    assert.match(await planned(app, '1.4.2'), /~ Deployment {2}web {2}image tag 1\.4\.1 -> 1\.4\.2: the same image$/m);
    await done(app.run(['up'], ['--yes', '--tag', '1.4.2']));
    assert.deepEqual(imageOf(await app.live()), [`${app.repository}@${digest}`, 'web=1.4.2']);
    assert.deepEqual(await app.pods(), pods);
  },
);

test(
  'a plan tells versions by their tags, also where a tag was moved; status and verify do, too',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    await app.push('1.4.1');
    await done(app.run(['up'], ['--yes', '--tag', '1.4.1']));
    await app.push('1.5.0');
    assert.match(await planned(app, '1.5.0'), /~ Deployment {2}web {2}image 1\.4\.1 -> 1\.5\.0\n +restarts 1 pod$/m);
    const digest = await app.push('1.4.1', 'built again');
    assert.match(
      await planned(app, '1.4.1'),
      new RegExp(`image 1\\.4\\.1 was pushed anew: sha256:\\w{12} -> ${digest.slice(0, 19)}\\n +restarts 1 pod`),
    );
    const [row] = arrayOf(resultOf(await done(app.run(['status'])))['workloads']);
    assert.match(textOf(arrayOf(at(row, 'images'))[0]), /\/web:1\.4\.1@sha256:/);
    assert.match((await done(app.run(['status'], ['--output', 'plain']))).stdout, / web:1\.4\.1$/m);
    const verify = await app.run(['verify']);
    const check = arrayOf(resultOf(verify)['checks']).find((one) => at(one, 'id') === 'images/released');
    assert.equal(at(check, 'status'), 'passed', verify.stdout);
    const other = await app.run(['verify'], ['--tag', '9']);
    assert.match(other.stdout, /has image [^ ]+\/web:1\.4\.1; its manifest says [^ ]+\/web:9/);
  },
);

test(
  'set-image by a tag of ECR, undo, rollback: each its digest, and the tag that belongs to it',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    const [one, two] = [await app.push('1'), await app.push('2')];
    await done(app.run(['up'], ['--yes', '--tag', '1']));
    await done(app.run(['rollout', 'set-image', 'web', `${app.repository}:2`], ['--yes']));
    assert.deepEqual(imageOf(await app.live()), [`${app.repository}@${two}`, 'web=2']);
    const plan = await done(app.run(['plan'], ['--tag', '1']));
    assert.match(
      plan.stdout,
      /container web runs [^ ]+\/web:2, which one command set \(release 2\); the manifests say [^ ]+\/web:1,/,
    );
    await done(app.run(['rollout', 'undo', 'web'], ['--yes']));
    assert.deepEqual(imageOf(await app.live()), [`${app.repository}@${one}`, 'web=1']);
    // A tag that is moved afterwards changes nothing of what a record brings back.
    await app.push('2', 'built again');
    await done(app.run(['rollback', '2'], ['--yes']));
    assert.deepEqual(imageOf(await app.live()), [`${app.repository}@${two}`, 'web=2']);
    const missing = await app.run(['rollout', 'set-image', 'web', `${app.repository}:3`], ['--yes']);
    assert.equal(missing.code, 3);
    assert.match(missing.stdout, /images\/not-found/);
  },
);

test(
  'an image for other processors stops the deploy; one for a part of them is warned of; who may not ask goes on',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    await app.push('arm', 'arm', ['arm64']);
    const run = await app.run(['up'], ['--yes', '--tag', 'arm']);
    assert.equal(run.code, 3, run.stdout);
    const [finding] = arrayOf(resultOf(run).findings);
    assert.equal(at(finding, 'id'), 'images/architecture');
    assert.match(textOf(at(finding, 'cause')), /is built for arm64, and the nodes are amd64: it can't run/);
    assert.match(textOf(at(finding, 'fix')), /--platform linux\/amd64/);

    const denied = JSON.stringify({
      __type: 'AccessDeniedException',
      message: 'not authorized to perform: ecr:BatchGetImage',
    });
    answering(t, 'BatchGetImage', () => ({ status: 400, body: denied }));
    const blind = await done(app.run(['plan'], ['--tag', 'arm']));
    assert.deepEqual(
      arrayOf(resultOf(blind).findings).map((one) => [at(one, 'id'), at(one, 'severity')]),
      [['images/architecture-unknown', 'info']],
    );
  },
);

test('who may not list nodes deploys all the same', needsMoto, async (t) => {
  const app = await makeApp(t);
  await app.push('arm', 'arm', ['arm64']);
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const restricted = await restrictedKubeconfig(t, app.sandbox, app.namespace, [all]);
  const renamed = join(app.folder, 'restricted');
  const text = await readFile(restricted, 'utf8');
  await writeFile(renamed, text.replaceAll(/oms-deploy-sandbox/g, context), { mode: 0o600 });
  const plan = await done(app.run(['plan'], ['--tag', 'arm'], renamed));
  const [finding] = arrayOf(resultOf(plan).findings);
  assert.deepEqual([at(finding, 'id'), at(finding, 'severity')], ['images/architecture-unknown', 'info']);
  assert.match(textOf(at(finding, 'cause')), /the nodes may not be listed/);
});

test(
  'a pull secret: made anew by each run, restarts no pod, shown nowhere, sealed in the record, no move of a saved plan',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    await app.push('1');
    let asked = 0;
    answering(t, 'GetAuthorizationToken', () => {
      asked += 1;
      const authorizationToken = Buffer.from(`AWS:${password}${asked}`).toString('base64');
      const expiresAt = Math.round(Date.now() / 1000) + 12 * 3600;
      return { status: 200, body: JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt }] }) };
    });
    const flags = ['--tag', '1', '--pull-secret', 'ecr'];
    const first = await done(app.run(['up'], ['--yes', '--verbose', ...flags]));
    assert.match(JSON.stringify(resultOf(first).findings), /images\/pull-secret.*in 12 h/);
    const secretPath = `/api/v1/namespaces/${app.namespace}/secrets/ecr`;
    const secret = async (): Promise<string> => {
      const { body } = await app.sandbox.request('GET', secretPath);
      return Buffer.from(textOf(at(body, 'data', '.dockerconfigjson')), 'base64').toString('utf8');
    };
    assert.match(await secret(), new RegExp(`${password}1`));
    const pods = await app.pods();
    const second = await done(app.run(['up'], ['--yes', '--verbose', ...flags]));
    assert.deepEqual(resultOf(second).changes, { created: 0, updated: 1, unchanged: 1, deleted: 0 });
    assert.match(await secret(), new RegExp(`${password}2`));
    assert.deepEqual(await app.pods(), pods, 'a new token is no reason to restart');

    const saved = await done(app.run(['plan'], ['--out', 'plan.json', ...flags]));
    const third = await done(app.run(['up'], ['--yes', '--plan', 'plan.json', ...flags]));
    const show = await done(app.run(['history', 'show'], ['--verbose']));
    const { body: secrets } = await app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}/secrets`);
    const records = arrayOf(objectOf(secrets).items)
      .filter((one) => at(one, 'type') === 'oms-deploy.io/release')
      .map((one) => JSON.stringify(one));
    const seen = [first, second, saved, third, show].map(({ stdout, stderr }) => stdout + stderr);
    const all = [...seen, ...records, await readFile(join(app.folder, 'plan.json'), 'utf8')].join('\n');
    for (const form of [password, Buffer.from(`AWS:${password}`).toString('base64').slice(0, 40)])
      assert.ok(!all.includes(form), `${form} was seen`);
  },
);
