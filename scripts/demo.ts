import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { followWorld } from '../src/cluster/live-world.ts';
import { arrayOf, at, numberOf } from '../src/model/json.ts';
import { type KubernetesObject, refOf } from '../src/model/object.ts';
import { startMoto, whyNoMoto } from '../test/support/moto/moto.ts';
import { connectTo } from '../test/support/target.ts';
import { firstLine, type Told, withoutNext } from './demo/told.ts';

/**
 * The demo: a sandbox cluster, Terraform outputs, an AWS identity, `oms-deploy up`, and what to try next.
 * Everything it makes is below one folder in the user's cache; `npm run demo -- stop` takes it away. With `--node real`
 * the pods are containers, of images that the demo publishes.
 */
const run = promisify(execFile);
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oms-deploy', 'demo');
const program = 'bin/oms-deploy.js';
/** A sandbox of the demo's own: one that is there already is left alone. */
const state = join(folder, 'sandbox');
const kubeconfig = join(state, 'kubeconfig');
const namespace = 'crypto-oms';
const tag = '1.4.2';

async function main(): Promise<number> {
  await run(process.execPath, ['--import', 'tsx', 'scripts/build.ts']);
  const words = process.argv.slice(2);
  const action = words.join(' ');
  if (!['', 'stop', '--node real'].includes(action)) {
    say(`The demo has no ${action}: it is npm run demo, npm run demo -- --node real, and npm run demo -- stop.`);
    return 2;
  }
  if (action === 'stop') {
    const code = await deploy(['sandbox', 'stop', '--state', state], {});
    await rm(folder, { recursive: true, force: true });
    return code;
  }
  say('A real control plane: Kubernetes 1.36 with etcd, controllers and scheduler. The first build takes minutes.');
  const started = await deploy(['sandbox', 'start', '--state', state, '--output', 'plain', ...words], {}, firstLine());
  if (started !== 0) return started;
  const published = action === '' ? 0 : await publishImages();
  if (published !== 0) return published;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const outputs = await terraformOutputs();
  const aws = await identity();
  try {
    const flags = ['--sandbox', ...outputs, '--secrets-file', join(folder, 'inputs.env')];
    await writeFile(join(folder, 'inputs.env'), inputs(aws.account), { mode: 0o600 });
    say(`$ oms-deploy up ${flags.join(' ')} --yes`);
    const up = ['up', ...flags, '--yes', '--output', 'human'];
    const code = await deploy(up, { ...aws.env, OMS_DEPLOY_STATE: state }, withoutNext());
    if (code !== 0) return code;
    const { pods, targets } = await settle(AbortSignal.timeout(60_000));
    say(`${pods} pods ready; HPA targets known: ${targets.join(', ')}`);
    tryNext(await writeVariables(outputs, aws.account ?? '123456789012'));
    return 0;
  } finally {
    await aws.stop();
  }
}

/** A real node pulls the images: a stand-in for each service, of the tag that the demo deploys. */
function publishImages(): Promise<number> {
  say('A real node: a kubelet and containers. It pulls the images from a registry of its own:');
  const names = ['market-data', 'order-ingestion', 'order-processor', 'risk-engine'];
  const images = names.map((name) => `crypto-oms/${name}:${tag}`);
  return deploy(['sandbox', 'image', '--state', state, ...images], {});
}

/** Real outputs of a real `terraform apply` where there is a Terraform; else the recorded ones. */
async function terraformOutputs(): Promise<readonly string[]> {
  const fixture = 'test/fixtures/terraform/oms';
  for (const name of ['terraform', 'tofu']) {
    try {
      const directory = join(folder, 'terraform');
      await mkdir(directory, { recursive: true });
      await cp(join(fixture, 'main.tf'), join(directory, 'main.tf'));
      await run(name, [`-chdir=${directory}`, 'init', '-input=false', '-no-color']);
      await run(name, [`-chdir=${directory}`, 'apply', '-auto-approve', '-input=false', '-no-color']);
      say(`Terraform: outputs applied by ${name} in ${directory}`);
      return ['--terraform-dir', directory, '--terraform-bin', name];
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  say('Terraform: neither terraform nor tofu is here, so the recorded outputs are used.');
  return ['--outputs-file', join(fixture, 'outputs.json')];
}

interface Identity {
  readonly account: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** STS answers from a local moto server; without Python a fixed account stands in. */
async function identity(): Promise<Identity> {
  const why = await whyNoMoto();
  if (why !== undefined) {
    say(`AWS: ${why}; a fixed account id stands in for STS.`);
    return { account: '123456789012', env: {}, stop: async () => undefined };
  }
  const moto = await startMoto(say);
  say('AWS: STS answers from a local moto server');
  return { account: undefined, env: moto.env, stop: () => moto.stop() };
}

function inputs(account: string | undefined): string {
  const lines = ['DOCUMENTDB_USERNAME=oms_app', "DOCUMENTDB_PASSWORD='demo: p@ss/word%1'", `IMAGE_TAG=${tag}`];
  const fixed = account === undefined ? [] : [`AWS_ACCOUNT_ID=${account}`, 'AWS_REGION=us-east-1'];
  return `${[...lines, ...fixed].join('\n')}\n`;
}

/** True once the metrics API has told the HPA every figure it scales by. */
function hasTargets(hpa: KubernetesObject): boolean {
  const metrics = arrayOf(at(hpa, 'status', 'currentMetrics'));
  return (
    metrics.length > 0 &&
    metrics.every((metric) => at(metric, 'resource', 'current', 'averageUtilization') !== undefined)
  );
}

/** Waits by watch until every HPA knows its targets; counts the ready pods. */
async function settle(signal: AbortSignal): Promise<{ readonly pods: number; readonly targets: readonly string[] }> {
  const cluster = connectTo(kubeconfig);
  const done = new AbortController();
  try {
    const scope = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', namespace, needed: true };
    const known = (): readonly string[] =>
      live
        .world()
        .list('HorizontalPodAutoscaler')
        .filter(hasTargets)
        .map(({ metadata }) => metadata.name ?? '');
    const events = {
      changed: () => (known().length === 3 ? done.abort() : undefined),
      trouble: () => undefined,
    };
    const live = followWorld(cluster, [scope], events, AbortSignal.any([signal, done.signal]));
    await live.ended;
    if (!done.signal.aborted) throw new Error(`HPA targets unknown after a minute; known: ${known().join(', ')}`);
    const { items } = await cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, signal);
    const pods = items.reduce((sum, item) => sum + numberOf(at(item, 'status', 'readyReplicas'), 0), 0);
    if (pods !== 9)
      throw new Error(`${pods} pods are ready instead of 9: ${items.map((item) => refOf(item).name).join(', ')}`);
    return { pods, targets: known() };
  } finally {
    cluster.close();
  }
}

/** A file of variables instead of a row of flags: every flag has one. It also makes this checkout the `oms-deploy` of the shell. */
async function writeVariables(outputs: readonly string[], account: string): Promise<string> {
  const file = join(folder, 'env.sh');
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await rm(join(bin, 'oms-deploy'), { force: true });
  await symlink(resolve(program), join(bin, 'oms-deploy'));
  const lines = [
    `export PATH='${bin}':"$PATH"`,
    `export OMS_DEPLOY_SANDBOX=1 OMS_DEPLOY_STATE='${state}'`,
    `export KUBECONFIG='${kubeconfig}'`,
    ...Array.from({ length: outputs.length / 2 }, (_, index) => {
      const [flag = '', value = ''] = outputs.slice(index * 2);
      return `export OMS_DEPLOY_${flag.slice(2).replaceAll('-', '_').toUpperCase()}='${value}'`;
    }),
    `export OMS_DEPLOY_SECRETS_FILE='${join(folder, 'inputs.env')}'`,
    `export OMS_INPUT_AWS_ACCOUNT_ID=${account} OMS_INPUT_AWS_REGION=us-east-1 OMS_INPUT_AWS_DNS_SUFFIX=amazonaws.com`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

function tryNext(variables: string): void {
  say(
    [
      'Try next:',
      `  . ${variables}`,
      '  oms-deploy up --yes                      nothing has changed: nothing is touched',
      '  oms-deploy plan --set log_level=Debug    which pods would restart, and why',
      '  oms-deploy up --set log_level=Debug      the same, asked and done',
      '  oms-deploy verify                        pods, Services, probes, HPAs, configuration',
      '  oms-deploy status --watch                one screen, kept current',
      '  oms-deploy logs market-data --follow     all pods of a workload',
      '  oms-deploy render                        the manifests, secrets redacted',
      `  kubectl get pods,hpa -n ${namespace}`,
      '  npm run demo -- stop                     end the sandbox, remove the files',
    ].join('\n'),
  );
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** Runs the program as a user does, with its output passed on. */
function deploy(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isTold: Told = () => true,
): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (isTold(line)) process.stdout.write(`${line}\n`);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main();
