import { DeployError } from '../errors.ts';
import { durationMs, maxDurationMs } from '../model/duration.ts';
import type { OptionSpec, Options } from './command.ts';

/** Flags that every command has. */
export const globalOptions: readonly OptionSpec[] = [
  {
    flags: '--output <form>',
    description: 'human (default at a terminal), plain (default elsewhere) or json',
    choices: ['human', 'plain', 'json'],
  },
  { flags: '--no-color', description: 'no colours, as NO_COLOR' },
  { flags: '--verbose', description: 'every field and step' },
  { flags: '--quiet', description: 'only problems and results; at a terminal also what a question is about' },
];

/** Flags that say what is deployed, and with which values. */
export const inputOptions: readonly OptionSpec[] = [
  {
    flags: '--config <file>',
    description: 'configuration (default: oms-deploy.yaml here, else built-in: the Crypto OMS)',
  },
  { flags: '--env <name>', description: 'environment of the configuration, such as prod (default: none)' },
  { flags: '-n, --namespace <name>', description: 'namespace to deploy to (default: the one of the configuration)' },
  {
    flags: '-f, --manifests <path>',
    description: 'manifest file, folder or glob, - for stdin; !<path> leaves out (default: those of the configuration)',
    repeatable: true,
  },
  { flags: '--with <addon>', description: 'also deploy an add-on, such as quota', repeatable: true },
  {
    flags: '--terraform-dir <dir>',
    description: 'read inputs, and which cluster is meant, from the Terraform outputs of this folder',
  },
  { flags: '--terraform-bin <program>', description: 'Terraform program (default: terraform, else tofu)' },
  {
    flags: '--outputs-file <file>',
    description: 'the same from saved outputs (terraform output -json), - for stdin',
  },
  { flags: '--secrets-file <file>', description: 'read secret inputs from a dotenv or JSON file with mode 600' },
  { flags: '--set <name=value>', description: 'give one input that is not secret', repeatable: true },
  { flags: '--region <region>', description: 'AWS region (default: AWS_REGION, the profile, the Terraform outputs)' },
  { flags: '--profile <name>', description: 'AWS profile' },
];

/** Flags that say which cluster. */
export const clusterOptions: readonly OptionSpec[] = [
  {
    flags: '--cluster <name>',
    description:
      'EKS cluster (default: the Terraform output eks_cluster_name, else expect.cluster, else the kubeconfig)',
  },
  {
    flags: '--kubeconfig <file>',
    description: 'connect by a kubeconfig instead (default: KUBECONFIG, else ~/.kube/config)',
  },
  { flags: '--context <name>', description: 'connect by this context of the kubeconfig (default: its current one)' },
  { flags: '--sandbox', description: 'deploy to the running sandbox' },
  { flags: '--force-conflicts', description: 'take over fields that another field manager set' },
];

/** Of commands that write one file. */
export const outOption: OptionSpec = {
  flags: '--out <file>',
  description: 'file to write: the plan for up --plan, the kubeconfig, or the configuration (default: oms-deploy.yaml)',
};

/** Of commands whose run makes a page to keep, or to send to somebody. */
export const reportOption: OptionSpec = {
  flags: '--report <file>',
  description: 'also write an HTML page of it: target, inputs, plan, timeline, findings; no secrets',
};

/** The camelCase name under which commander stores a flag. */
export function optionName(flags: string): string {
  const long = /--(?:no-)?([a-z][a-z-]*)/.exec(flags)?.[1] ?? '';
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The flag as it is typed: `--terraform-dir`. */
export function longFlag(flags: string): string {
  return /--(?:no-)?[a-z][a-z-]*/.exec(flags)?.[0] ?? '';
}

/** The environment variable of a flag: `OMS_DEPLOY_TERRAFORM_DIR`. */
export function optionVariable(flags: string): string {
  const long = /--((?:no-)?[a-z][a-z-]*)/.exec(flags)?.[1] ?? '';
  return `OMS_DEPLOY_${long.replaceAll('-', '_').toUpperCase()}`;
}

/** A flag's text, or undefined where it wasn't given. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable flag. */
export function texts(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** Whether a switch is on. */
export function isOn(options: Options, name: string): boolean {
  return options[name] === true;
}

/**
 * Milliseconds of a duration such as `90s`, `5m` or `1h`; a bare number is seconds.
 *
 * @throws DeployError `usage` for anything else, zero included.
 */
export function parseDuration(flag: string, value: string): number {
  const ms = durationMs(value) ?? 0;
  if (ms > 0 && ms <= maxDurationMs) return ms;
  throw new DeployError('usage', `${flag} ${JSON.stringify(value)} is ${ms > 0 ? 'too long' : 'not a duration'}.`, {
    fix: ms > 0 ? 'Give at most 596h.' : 'Write it as 90s, 5m or 1h.',
  });
}

/** The same for a flag that may be zero or absent. */
export function optionalDuration(options: Options, name: string, flag: string): number | undefined {
  const value = text(options, name);
  if (value === undefined) return undefined;
  return durationMs(value) === 0 ? 0 : parseDuration(flag, value);
}

/** A whole number that is not negative, or undefined where the flag wasn't given. */
export function optionalCount(options: Options, name: string, flag: string): number | undefined {
  const value = text(options, name);
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new DeployError('usage', `${flag} ${JSON.stringify(value)} is not a number.`, { fix: 'Give a whole number.' });
}

/** The assignments of `--set`, each of them one. What was typed instead isn't shown: whatever it is, it may be a secret. */
export function assignments(options: Options): readonly string[] {
  const set = texts(options, 'set');
  const wrong = set.findIndex((one) => one.indexOf('=') < 1);
  if (wrong < 0) return set;
  const which = set.length === 1 ? '' : ` number ${wrong + 1}`;
  throw new DeployError('usage', `The value of --set${which} is not name=value.`, { fix: 'Write --set name=value.' });
}

/** `--namespace`, if it can be one. */
export function namespaceOption(options: Options): string | undefined {
  const namespace = text(options, 'namespace');
  if (namespace === undefined || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw new DeployError('usage', `--namespace ${JSON.stringify(namespace)} is not a namespace name.`, {
    fix: 'Use a-z, 0-9 and -, at most 63 characters.',
  });
}
