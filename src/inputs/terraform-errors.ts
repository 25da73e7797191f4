import { stripVTControlCharacters } from 'node:util';
import type { Environment } from '../context.ts';
import { errorFinding, type Finding } from '../model/finding.ts';

/** What a failed `terraform output` is explained with. */
export interface TerraformFailure {
  /** `terraform` or `tofu`, as the user would type it. */
  readonly name: string;
  readonly dir: string;
  readonly stderr: string;
  readonly env: Environment;
  /** The `--profile` of this run, which is for the cluster and may not be what the state's backend needs. */
  readonly profile?: string | undefined;
}

interface Rule {
  readonly id: string;
  readonly pattern: RegExp;
  readonly cause: (failure: TerraformFailure) => string;
  readonly fix: (failure: TerraformFailure) => string;
}

/** What Terraform 1.11 and OpenTofu print (facts: run and seen), the most special first. */
const rules: readonly Rule[] = [
  {
    id: 'terraform/state-unreadable',
    pattern:
      /unsupported state file format|state snapshot was created by|state file uses format version|newer than current/i,
    cause: ({ dir, name }) =>
      `The Terraform state of ${dir} is damaged, or written by a newer version than this ${name}.`,
    fix: ({ name }) =>
      `Use the version of ${name} that wrote the state (--terraform-bin), or restore the state from a backup.`,
  },
  {
    id: 'terraform/not-initialised',
    pattern:
      /backend initialization required|initial configuration of the requested backend|run "(terraform|tofu) init"|module not installed|required plugins are not installed|inconsistent dependency lock file|backend (type|configuration)( block)? (has )?changed/i,
    cause: ({ dir }) => `The Terraform directory ${dir} isn't initialised.`,
    fix: (failure) => `Run: ${commandOf(failure, 'init')}`,
  },
  {
    id: 'terraform/backend-refused',
    pattern:
      /no valid credential sources|failed to refresh cached credentials|expiredtoken|invalidclienttokenid|invalidaccesskeyid|signaturedoesnotmatch|accessdenied|access denied|sso (session|token)|unable to access object|no such bucket|nosuchbucket|error (loading|refreshing) state|failed to (load|get existing) (state|workspaces)|statuscode: 40[13]/i,
    cause: ({ dir }) =>
      `The backend that keeps the Terraform state of ${dir} refused the credentials, or has no such state.`,
    fix: credentialsFix,
  },
  {
    id: 'terraform/no-workspace',
    pattern: /workspace .* (doesn't|does not) exist/i,
    cause: ({ dir }) => `The selected Terraform workspace of ${dir} doesn't exist.`,
    fix: (failure) => `Choose one of: ${commandOf(failure, 'workspace list')}`,
  },
  {
    id: 'terraform/bad-configuration',
    pattern: /on \S+\.(tf|tofu)(\.json)? line \d+|error handling -chdir/i,
    cause: ({ dir, name }) => `The Terraform configuration in ${dir} has an error, so ${name} can't read its outputs.`,
    fix: (failure) => `Repair it; this shows all errors: ${commandOf(failure, 'validate')}`,
  },
];

/** The finding for a `terraform output` that ended with an error. */
export function explainFailure(failure: TerraformFailure): Finding {
  const evidence = essenceOf(failure.stderr);
  const rule = rules.find(({ pattern }) => pattern.test(failure.stderr.replace(/\s+/g, ' ')));
  if (rule !== undefined) return errorFinding(rule.id, rule.cause(failure), rule.fix(failure), { evidence });
  const fix = `Run it by hand: ${commandOf(failure, 'output -json')}; or give its outputs with --outputs-file.`;
  return errorFinding('terraform/failed', `${failure.name} could not read the outputs of ${failure.dir}.`, fix, {
    evidence,
  });
}

/** The finding for outputs that are empty although the program was content: exit 0 and `{}` prove nothing. */
export function explainEmpty(failure: Omit<TerraformFailure, 'stderr'>): Finding {
  const workspace = failure.env['TF_WORKSPACE'];
  const where = workspace === undefined ? '' : `, in the workspace ${workspace} of TF_WORKSPACE`;
  const check = workspace === undefined ? '' : ` (does the workspace exist? ${commandOf(failure, 'workspace list')})`;
  return errorFinding(
    'terraform/no-outputs',
    `The Terraform state of ${failure.dir} has no outputs${where}.`,
    `Apply it: ${commandOf(failure, 'apply')}${check}, or point --terraform-dir at the directory that was applied.`,
    {
      evidence: [
        'The configuration was never applied or was destroyed, its state is elsewhere, or the workspace is another one.',
      ],
    },
  );
}

/** The first error block of Terraform's stderr without frames: never stdout, which holds the values. */
export function essenceOf(stderr: string): readonly string[] {
  const lines = stripVTControlCharacters(stderr)
    .split('\n')
    .map((line) => line.replace(/^[\s│╷╵|]+/, '').trimEnd())
    .filter((line) => line !== '');
  const first = lines.findIndex((line) => /error/i.test(line));
  return lines.slice(Math.max(0, first), Math.max(0, first) + 6);
}

/** What to type: `terraform -chdir=infra init`, with quotes where the shell needs them. */
export function commandOf({ name, dir }: { readonly name: string; readonly dir: string }, rest: string): string {
  return `${name} -chdir=${/^[\w./@:+-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", `'\\''`)}'`} ${rest}`;
}

function credentialsFix({ name, env, profile }: TerraformFailure): string {
  const used =
    env['AWS_PROFILE'] !== undefined
      ? `AWS_PROFILE=${env['AWS_PROFILE']}`
      : env['AWS_ACCESS_KEY_ID'] !== undefined
        ? 'AWS_ACCESS_KEY_ID of the environment'
        : 'the default credentials';
  const ours = profile === undefined ? used : `--profile ${profile}`;
  return (
    `Two identities are involved: ${name} reads its state with ${used} or the profile in its backend block, the cluster is reached with ${ours}. ` +
    `Give ${name} one that may read the state (AWS_PROFILE=<state profile>, and --profile <cluster profile> for the cluster), ` +
    `or save its outputs where that works and pass them with --outputs-file.`
  );
}
