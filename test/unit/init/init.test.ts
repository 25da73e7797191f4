import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { DeployError } from '../../../src/errors.ts';
import type { Choice, Host } from '../../../src/events.ts';
import { type InitOutcome, initConfig } from '../../../src/init/init.ts';
import { declaredOutputs } from '../../../src/init/scan-terraform.ts';
import { makeFolder, runCli } from '../../support/cli.ts';
import { silentHost } from '../../support/silent-host.ts';
import { configMap } from './helpers.ts';

const booking = join(import.meta.dirname, '..', '..', 'fixtures', 'init', 'booking');
const signal = new AbortController().signal;

/** Somebody who answers: the part of a choice's name, or a text. */
function answering(...answers: readonly string[]): {
  readonly host: Host;
  readonly asked: string[];
  readonly choices: Choice[][];
} {
  const left = [...answers];
  const asked: string[] = [];
  const choices: Choice[][] = [];
  const next = (message: string): string => {
    asked.push(message);
    return left.shift() ?? assert.fail(`unexpected: ${message}`);
  };
  const host: Host = {
    ...silentHost,
    canAsk: true,
    text: ({ message }) => Promise.resolve(next(message)),
    choose: (question) => {
      const answer = next(question.message);
      choices.push([...question.choices]);
      const chosen = question.choices.find(({ name }) => name.includes(answer));
      return Promise.resolve(
        chosen?.value ?? assert.fail(`${answer} is not among ${JSON.stringify(question.choices)}`),
      );
    },
  };
  return { host, asked, choices };
}

function init(
  cwd: string,
  host: Host,
  more: {
    readonly yes?: boolean;
    readonly out?: string;
    readonly manifests?: readonly string[];
    readonly outputsFile?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<InitOutcome> {
  const { yes = false, out = 'oms-deploy.yaml', manifests = [], outputsFile, env = {} } = more;
  const outputs = { env, cwd, readStdin: () => Promise.resolve(''), outputsFile };
  return initConfig({ manifests, namespace: undefined, out, yes, outputs }, host, signal);
}

async function bookingFolder(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t, {});
  cpSync(booking, cwd, { recursive: true });
  return cwd;
}

/** A ConfigMap that says where it belongs. */
function inShop(values: Readonly<Record<string, string>>): string {
  return configMap(values).replace('{name: settings}', '{name: settings, namespace: shop}');
}

const openInBooking = ['metrics_endpoint', 'partner_id', 'reports_queue_url'];

test('of forty placeholders only those are asked about that nothing says anything of', async (t) => {
  const cwd = await bookingFolder(t);
  const { host, asked, choices } = answering('asked for', 'fixed value', 'p-17', 'a variable', 'QUEUE');
  const { proposals } = await init(cwd, host);
  assert.equal(proposals.length, 40);
  assert.deepEqual(
    asked.map((message) => message.replace(/ \(.*$/, '')),
    [
      'Where does metrics_endpoint come from?',
      'Where does partner_id come from?',
      'Value of partner_id',
      'Where does reports_queue_url come from?',
      'Name of the variable',
    ],
  );
  assert.match(asked[0] ?? '', /Deployment\/api .*METRICS.*k8s\/api\.yaml:33\)$/);
  // A queue of something else is a choice, and not what Enter alone means.
  assert.deepEqual(
    choices[2]?.slice(0, 2).map(({ name }) => name),
    ['asked for at each deploy', 'terraform output mails_queue_url'],
  );
  const config = await loadConfig({ cwd });
  assert.equal(config.inputs['metrics_endpoint']?.prompt, 'Metrics endpoint');
  assert.equal(config.inputs['partner_id']?.default, 'p-17');
  assert.deepEqual(config.inputs['reports_queue_url']?.sources, [{ env: 'QUEUE' }]);
});

test('with --yes nobody is asked, and what is open is written as what is to be done', async (t) => {
  const cwd = await bookingFolder(t);
  const { proposals } = await init(cwd, silentHost, { yes: true });
  const open = proposals.filter(({ confidence }) => confidence === 'open');
  assert.deepEqual(
    open.map(({ input }) => input.name),
    openInBooking,
  );
  const config = await loadConfig({ cwd });
  assert.deepEqual(
    Object.keys(config.inputs).filter((name) => openInBooking.includes(name)),
    [],
  );
  assert.equal(Object.keys(config.inputs).length, 37);
  const text = readFileSync(join(cwd, 'oms-deploy.yaml'), 'utf8');
  for (const name of openInBooking) assert.match(text, new RegExp(`# TODO Where does ${name} come from\\?`));
});

test('the configuration for the booking application, as it is written', async (t) => {
  const cwd = await bookingFolder(t);
  await init(cwd, silentHost, { yes: true });
  const expected = readFileSync(join(booking, '..', 'booking.expected.yaml'), 'utf8');
  assert.equal(readFileSync(join(cwd, 'oms-deploy.yaml'), 'utf8'), expected);
});

test('the configuration that is written fills every placeholder', async (t) => {
  const cwd = await bookingFolder(t);
  await init(cwd, silentHost, { yes: true });
  const outputs = declaredOutputs([
    { path: 'o.tf', text: readFileSync(join(booking, 'terraform', 'outputs.tf'), 'utf8') },
  ]);
  const values = outputs.map(({ name, isList }) => [name, isList ? ['a', 'b'] : `of-${name}`]);
  writeFileSync(
    join(cwd, 'saved.json'),
    JSON.stringify({ ...Object.fromEntries(values), cloudfront_domain: 'cdn.example' }),
  );
  const secrets = ['MONGO_USERNAME', 'MONGO_PASSWORD', 'POSTGRES_PASSWORD', 'JWT_SECRET', 'SMTP_PASSWORD'];
  const given = [...openInBooking, 'aws_account_id', 'aws_region'].map((name) => name.toUpperCase());
  const env = {
    ...Object.fromEntries([...secrets, ...given].map((name) => [`OMS_INPUT_${name}`, `given-${name.toLowerCase()}`])),
    ...{ IMAGE_TAG: '1.4.2', STRIPE_KEY: 'stripe', SENTRY_DSN: 'https://sentry', SUPPORT_EMAIL: 'a@b.example' },
  };
  const { code, stdout, stderr } = await runCli(['render', '--outputs-file', 'saved.json'], { cwd, env });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /REPLACE_WITH|<[A-Z]|CHANGE|YOUR_|__[A-Z]|%[A-Z]|#\{|\{\{|<(?:waf|certificate|alb-)/);
  // What belongs to the script and the page is still theirs.
  assert.match(stdout, /for name in \$NAMES; do echo "\$\{name\} on \$\{HOSTNAME\}"; done/);
  assert.match(stdout, /<html><body><h1>Booking<\/h1>/);
  assert.match(stdout, /^ {2}replicas: 3$/m);
  assert.match(stdout, /given-aws_account_id\.dkr\.ecr\.given-aws_region\.amazonaws\.com\/booking\/api:1\.4\.2/);
});

test('no manifest is touched, and nothing is left behind but the file', async (t) => {
  const cwd = await bookingFolder(t);
  const before = readFileSync(join(cwd, 'k8s', 'config.yaml'), 'utf8');
  await init(cwd, silentHost, { yes: true });
  assert.equal(readFileSync(join(cwd, 'k8s', 'config.yaml'), 'utf8'), before);
  assert.deepEqual(readdirSync(cwd).sort(), ['.github', 'k8s', 'oms-deploy.yaml', 'terraform']);
});

/** Refusals: what is there, who is asked, the code and the message. */
async function refusal(running: Promise<unknown>): Promise<DeployError> {
  try {
    await running;
  } catch (error) {
    assert.ok(error instanceof DeployError, String(error));
    return error;
  }
  return assert.fail('it was not refused');
}

test('a configuration that is there is never replaced', async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': 'application: mine\n', 'k8s/a.yaml': configMap({ a: 'b' }) });
  const error = await refusal(init(cwd, silentHost, { yes: true }));
  assert.deepEqual(
    [error.exitCode, error.message],
    [3, 'There is a file oms-deploy.yaml already. Nothing was written.'],
  );
  assert.match(error.fix ?? '', /--out/);
  assert.equal(readFileSync(join(cwd, 'oms-deploy.yaml'), 'utf8'), 'application: mine\n');
  await init(cwd, silentHost, { yes: true, out: 'other.yaml' });
  assert.ok(existsSync(join(cwd, 'other.yaml')));
});

test('paths are relative to the file that is written', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': configMap({ a: '${B}' }),
    'terraform/o.tf': 'output "b" { value = 1 }',
    'ops/x': '',
  });
  await init(cwd, silentHost, { yes: true, out: 'ops/oms.yaml' });
  const config = await loadConfig({ cwd, path: 'ops/oms.yaml' });
  assert.deepEqual([config.manifests, config.terraform.dir], [['../k8s'], '../terraform']);
});

test('a configuration that comes up while somebody answers stays, too', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': inShop({ a: '<SHOP_COLOR>' }) });
  const choose = (): Promise<string> => {
    writeFileSync(join(cwd, 'oms-deploy.yaml'), 'application: mine\n');
    return Promise.resolve('prompt');
  };
  const error = await refusal(init(cwd, { ...silentHost, canAsk: true, choose }));
  assert.equal(error.exitCode, 3);
  assert.equal(readFileSync(join(cwd, 'oms-deploy.yaml'), 'utf8'), 'application: mine\n');
  assert.deepEqual(readdirSync(cwd).sort(), ['k8s', 'oms-deploy.yaml']);
});

test('of what comes near the nearest is the first answer', async (t) => {
  const terraform = 'output "orders_db_host" { value = 1 }\noutput "users_db_host" { value = 1 }\n';
  const cwd = await makeFolder(t, { 'k8s/a.yaml': inShop({ a: '<DB_HOST>' }), 'terraform/o.tf': terraform });
  const { host, choices } = answering('orders');
  await init(cwd, host);
  assert.deepEqual(
    choices[0]?.slice(0, 3).map(({ name }) => name),
    ['terraform output users_db_host', 'terraform output orders_db_host', 'asked for at each deploy'],
  );
  assert.deepEqual((await loadConfig({ cwd })).inputs['db_host']?.sources, [{ terraform: 'orders_db_host' }]);
});

test('where nobody can be asked, the flag is named', async (t) => {
  const cwd = await bookingFolder(t);
  const error = await refusal(init(cwd, silentHost));
  assert.equal(error.exitCode, 2);
  assert.match(error.fix ?? '', /--yes/);
  assert.equal(existsSync(join(cwd, 'oms-deploy.yaml')), false);
});

test('without a manifest there is nothing to configure', async (t) => {
  const cwd = await makeFolder(t, { 'Chart.yaml': 'name: x', 'values.yaml': 'a: 1' });
  const error = await refusal(init(cwd, silentHost, { yes: true }));
  assert.deepEqual(
    [error.exitCode, error.message],
    [3, 'No Kubernetes manifest was found in this folder. Nothing was written.'],
  );
});

test('what is given: a glob stays one, standard input and what is not there are refused', async (t) => {
  const files = {
    'a/one.yaml': configMap({ a: '${B_C}' }),
    'a/two.yaml': configMap({ a: 'b' }),
    'other.yaml': configMap({ a: '${D_E}' }),
  };
  const cwd = await makeFolder(t, files);
  const outcome = await init(cwd, silentHost, { yes: true, manifests: ['a/*.yaml'] });
  assert.deepEqual([outcome.manifests, outcome.proposals.map(({ input }) => input.name)], [['a/*.yaml'], ['b_c']]);
  const piped = await refusal(init(cwd, silentHost, { yes: true, out: 'x.yaml', manifests: ['-'] }));
  assert.deepEqual([piped.exitCode, piped.fix], [2, 'Write them into a file, and name that: -f <file>.']);
  const missing = await refusal(init(cwd, silentHost, { yes: true, out: 'x.yaml', manifests: ['nowhere'] }));
  assert.deepEqual([missing.exitCode, missing.findings.map(({ id }) => id)], [3, ['manifests/missing']]);
});

test('who breaks off at a question is told that nothing was written', async (t) => {
  const cwd = await bookingFolder(t);
  const choose = (): Promise<never> => Promise.reject(new DeployError('interrupted', 'Interrupted.'));
  const error = await refusal(init(cwd, { ...silentHost, canAsk: true, choose }));
  assert.deepEqual([error.exitCode, error.why], [130, 'Nothing was written.']);
  assert.equal(existsSync(join(cwd, 'oms-deploy.yaml')), false);
});

test('a namespace that nothing names is asked for until it is one', async (t) => {
  const cwd = await makeFolder(t, { 'package.json': '{"name": "@acme/shop"}', 'k8s/a.yaml': configMap({ a: 'b' }) });
  const { host, asked } = answering('Not One', 'shop-dev');
  const { application, namespace } = await init(cwd, host);
  assert.deepEqual([application, namespace, asked.length], ['shop', 'shop-dev', 2]);
  const other = await init(cwd, answering('store').host, { out: 'other.yaml' });
  assert.deepEqual([other.application, other.namespace], ['store', 'store']);
  const written = readFileSync(join(cwd, 'other.yaml'), 'utf8');
  assert.match(written, /^application: store {2}# that of the namespace, as it is without a configuration$/m);
  assert.match(written, /^namespace: store {2}# as answered$/m);
});

test('real outputs tell more than declarations', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': inShop({ a: '${DB_HOST}', b: '${SUBNET_IDS}' }),
    'outputs.json': '{"db_endpoint": "db.example:5432", "subnet_ids": ["a", "b"]}',
  });
  const { proposals } = await init(cwd, silentHost, { yes: true, outputsFile: 'outputs.json' });
  const shown = proposals.map(({ input, confidence, sources }) => [input.name, confidence, sources]);
  assert.deepEqual(shown, [
    ['db_host', 'open', []],
    ['subnet_ids', 'certain', [{ terraform: 'subnet_ids', join: ',' }]],
  ]);
  assert.deepEqual((await loadConfig({ cwd })).terraform, { outputs: 'outputs.json' });
});

test('outputs that can not be read end it', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': configMap({ a: 'b' }) });
  const error = await refusal(init(cwd, silentHost, { yes: true, outputsFile: 'none.json' }));
  assert.deepEqual([error.exitCode, error.findings.map(({ id }) => id)], [3, ['terraform/outputs-file']]);
});

test('of several Terraform folders one is asked for, and the one for development is taken unasked', async (t) => {
  const files = {
    'k8s/a.yaml': inShop({ a: '${DB_HOST}' }),
    'infra/envs/dev/o.tf': 'output "db_host" { value = 1 }',
    'infra/envs/prod/o.tf': 'output "db_host" { value = 1 }',
    'infra/modules/db/o.tf': 'output "other" { value = 1 }',
  };
  const { host, choices } = answering('prod');
  assert.equal((await init(await makeFolder(t, files), host)).terraformDir, 'infra/envs/prod');
  assert.deepEqual(
    choices[0]?.map(({ name }) => name),
    ['infra/envs/dev', 'infra/envs/prod'],
  );
  assert.equal((await init(await makeFolder(t, files), silentHost, { yes: true })).terraformDir, 'infra/envs/dev');
});

test('what may be a variable of a program is left, and named', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': configMap({ file: '/logs/${SHARD}.log', url: 'redis://${REDIS_HOST}:1' }),
    't/o.tf': 'output "redis_host" { value = 1 }',
  });
  const { proposals, left } = await init(cwd, silentHost, { yes: true });
  assert.deepEqual(
    proposals.map(({ input }) => input.name),
    ['redis_host'],
  );
  assert.deepEqual(
    left.map(({ name }) => name),
    ['shard'],
  );
});

const overlay = (stage: string): string =>
  `namespace: kz-${stage}\nresources: [../../base]\nconfigMapGenerator: [{name: more, literals: [a=${stage}]}]\n`;
const kustomized = {
  'k8s/base/app.yaml': configMap({ a: 'b' }),
  'k8s/base/kustomization.yaml': 'resources: [app.yaml]\n',
  'k8s/overlays/dev/kustomization.yaml': overlay('dev'),
  'k8s/overlays/prod/kustomization.yaml': overlay('prod'),
};
const made = ['settings', 'more-5f2']
  .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: kz-dev}\n`)
  .join('---\n');

test('each environment gets the namespace of its overlay', async (t) => {
  const cwd = await makeFolder(t, kustomized);
  const { application, namespace } = await init(cwd, silentHost, { yes: true });
  assert.deepEqual([application, namespace], ['kz', 'kz-dev']);
  const file = join(cwd, 'oms-deploy.yaml');
  const places = ['dev', 'prod'].map(
    async (environment) => (await loadConfig({ path: file, environment, cwd })).namespace,
  );
  assert.deepEqual(await Promise.all(places), ['kz-dev', 'kz-prod']);
  assert.match(readFileSync(file, 'utf8'), /namespace: kz-dev {2}# the kustomization k8s\/overlays\/dev names it/);
});

test('what up would apply is what Kustomize makes, and without Kustomize it is said to be at least that', async (t) => {
  const bin = await makeFolder(t, { kustomize: `#!/bin/sh\ncat <<'END'\n${made}END\n` });
  chmodSync(join(bin, 'kustomize'), 0o755);
  const cwd = await makeFolder(t, { ...kustomized });
  const run = (...more: readonly string[]) =>
    runCli(['init', '--yes', ...more], {
      cwd,
      env: { PATH: more.length === 0 ? `${bin}:/usr/bin:/bin` : '/nonexistent' },
    });
  const known = await run();
  assert.match(known.stdout, /What up would apply \(2 objects\)\n {2}\S+ +ConfigMap settings, more-5f2\n/);
  const unknown = await run('--out', 'other.yaml');
  assert.match(unknown.stdout, /What up would apply \(at least 1 object\)/);
});
