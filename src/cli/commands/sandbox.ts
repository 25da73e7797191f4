import { resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { DeployError } from '../../errors.ts';
import type { Result } from '../../events.ts';
import { arrayOf, type JsonObject } from '../../model/json.ts';
import { didYouMean } from '../../model/suggest.ts';
import { shellQuoted } from '../../model/text.ts';
import type { NodeKind } from '../../sandbox/state.ts';
import type { Command, Options } from '../command.ts';

const actions = ['start', 'stop', 'status', 'image'];

/** `oms-deploy sandbox start|stop|status`; `serve` is the background process itself. */
export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'run a real Kubernetes control plane on this machine, to try, rehearse and test on',
  changes: true,
  arguments: [
    { name: '<action>', description: 'start, stop, status or image' },
    { name: '[images...]', description: 'for `image`: names such as team/app:1.0 to publish the stand-in under' },
  ],
  options: [
    { flags: '--state <dir>', description: 'folder of the sandbox (default: one in your cache)' },
    {
      flags: '--node <kind>',
      description: 'what runs the pods: kwok plays them (default); real is a node with containers (Linux, as root)',
      choices: ['kwok', 'real'],
    },
    { flags: '--owner-pid <pid>', description: 'stop the sandbox when this process ends' },
    {
      flags: '--token-webhook <file>',
      description: 'kubeconfig of a TokenReview webhook for tokens that the sandbox does not know, as EKS has one',
    },
  ],
  examples: [
    'oms-deploy sandbox start',
    'oms-deploy up --sandbox',
    'oms-deploy sandbox stop',
    'oms-deploy sandbox start --node real',
    'oms-deploy sandbox image team/app:1.0 team/app:crash',
  ],
  run: async (options, args, context) => {
    const { stateDir } = await import('../../sandbox/state.ts');
    const dir = stateDir(context, textOf(options, 'state'));
    switch (args[0]) {
      case 'start':
        return start(dir, options, context);
      case 'stop':
        return stop(dir);
      case 'status':
        return status(dir, context);
      case 'image':
        return image(dir, args.slice(1), context);
      case 'serve':
        return serve(dir, options, context);
      case undefined:
      default:
        throw new DeployError('usage', `There is no \`sandbox ${args.join(' ')}\`.`, {
          fix: didYouMean(args[0] ?? '', actions) || 'Use `oms-deploy sandbox start`, `stop`, `status` or `image`.',
        });
    }
  },
};

async function start(dir: string, options: Options, context: Context): Promise<Result> {
  const { startSandbox } = await import('../../sandbox/start.ts');
  const { registryOf, startData } = await import('../../sandbox/status.ts');
  const { stateFiles } = await import('../../sandbox/state.ts');
  const { state, alreadyRunning } = await startSandbox(
    { dir, node: nodeOf(options), ...ownerOf(options), ...webhookOf(options, context) },
    context,
  );
  const data = startData(dir, state);
  const { kubeconfig } = stateFiles(dir);
  const own = await stateFlag(dir, context);
  const text = [
    alreadyRunning
      ? 'The sandbox is already running.'
      : `The sandbox is ready: Kubernetes ${state.version} at ${state.server}.`,
    ...imageSteps(registryOf(state), own),
    ...nextSteps(own === '' ? '--sandbox' : `--kubeconfig ${shellQuoted(kubeconfig)}`),
    'kubectl:',
    `  export KUBECONFIG=${shellQuoted(kubeconfig)}`,
    'To end it:',
    `  oms-deploy sandbox stop${own}`,
  ].join('\n');
  return done({ ...data, alreadyRunning }, text);
}

/** Pods of a real node pull for real: what they need has to be put there first. */
function imageSteps(registry: string | undefined, own: string): readonly string[] {
  if (registry === undefined) return [];
  return [
    `Its pods pull from a registry at ${registry}, whatever host their images name. Push yours there,`,
    'or have a stand-in that answers /health and /ready, for instance for the Crypto OMS:',
    `  oms-deploy sandbox image${own} crypto-oms/{market-data,order-ingestion,order-processor,risk-engine}:1.4.2`,
  ];
}

/** What is ready to be typed: the built-in application wants values that nobody has who has no Terraform. */
function nextSteps(where: string): readonly string[] {
  const values = {
    redis_endpoint: 'redis.example.com',
    kafka_bootstrap_servers: 'kafka.example.com:9092',
    documentdb_endpoint: 'documentdb.example.com',
    aws_account_id: '123456789012',
    aws_region: 'us-east-1',
  };
  const set = Object.entries(values).map(([name, value]) => `--set ${name}=${value}`);
  return [
    'Next, with manifests of your own:',
    `  oms-deploy up ${where} -f k8s -n demo`,
    'or with the Crypto OMS, which is built in, and any values:',
    '  export OMS_INPUT_DOCUMENTDB_USERNAME=oms OMS_INPUT_DOCUMENTDB_PASSWORD=any-will-do',
    `  oms-deploy up ${where} --config built-in --tag 1.4.2 \\`,
    `    ${set.slice(0, 2).join(' ')} \\`,
    `    ${set.slice(2, 4).join(' ')} ${set.slice(4).join(' ')}`,
  ];
}

async function stop(dir: string): Promise<Result> {
  const { stopSandbox } = await import('../../sandbox/stop.ts');
  const stopped = await stopSandbox(dir);
  return done({ stopped, state: dir }, stopped ? 'The sandbox is stopped.' : 'No sandbox is running.');
}

async function image(dir: string, names: readonly string[], context: Context): Promise<Result> {
  const { publishInSandbox } = await import('../../sandbox/node/publish.ts');
  const images = await publishInSandbox(dir, names, context);
  const text = images.map(({ name, digest }) => `${name}@${digest}`).join('\n');
  return done({ images: images.map((one) => ({ ...one })) }, text);
}

async function status(dir: string, context: Context): Promise<Result> {
  const { sandboxStatus } = await import('../../sandbox/status.ts');
  const { data, text } = await sandboxStatus(dir);
  // A start would end what is left of a killed one, too; who asks may not want a new one.
  const action = arrayOf(data.left).length > 0 ? 'stop' : 'start';
  const next = data.running === true ? '' : `\n  next   oms-deploy sandbox ${action}${await stateFlag(dir, context)}`;
  return done(data, text + next);
}

/** The flag that names the folder of a sandbox, where it isn't the one that commands look in anyway. */
async function stateFlag(dir: string, context: Context): Promise<string> {
  const { usualStateDir } = await import('../../sandbox/state.ts');
  return dir === usualStateDir(context) ? '' : ` --state ${shellQuoted(dir)}`;
}

async function serve(dir: string, options: Options, context: Context): Promise<Result> {
  const { findBinaries } = await import('../../sandbox/binaries.ts');
  const { serve: run } = await import('../../sandbox/supervisor.ts');
  const { findParts } = await import('../../sandbox/node/parts.ts');
  const parts = nodeOf(options) === 'real' ? await findParts(context) : undefined;
  await run(
    { dir, binaries: await findBinaries(context), parts, ...ownerOf(options), ...webhookOf(options, context) },
    context,
  );
  return done({ state: dir }, '');
}

function done(data: JsonObject, text: string): Result {
  return { ok: true, exitCode: 0, findings: [], data, text };
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function webhookOf(options: Options, { cwd }: Context): { readonly tokenWebhook?: string } {
  const file = textOf(options, 'tokenWebhook');
  return file === undefined ? {} : { tokenWebhook: resolve(cwd, file) };
}

function nodeOf(options: Options): NodeKind {
  return textOf(options, 'node') === 'real' ? 'real' : 'kwok';
}

function ownerOf(options: Options): { readonly ownerPid?: number } {
  const text = textOf(options, 'ownerPid');
  if (text === undefined) return {};
  if (/^[1-9]\d*$/.test(text)) return { ownerPid: Number(text) };
  throw new DeployError('usage', `--owner-pid takes a process id, not ${text}.`, {
    fix: 'Give the number of a process.',
  });
}
