import type { Finding } from '../model/finding.ts';
import { shownSource } from '../model/input.ts';
import { flawOf, type SecretFlaw } from '../model/secret-flaw.ts';
import type { Found } from './given.ts';
import type { InputSpec } from './specs.ts';

/** What follows is a secret: `db_password`, `client_secret`, `api_keys`; and not `secret_name`, `password_policy`. */
const credentialName =
  /(^|_)(password|passwd|pwd|passphrase|pass|secret|token|credential|(private|secret|api|access|auth|account|signing|encryption)_?key)s?$/;

/** Whether an input's name is that of a credential. */
export function namesCredential(name: string): boolean {
  return credentialName.test(name);
}

const secretWords = /pass(word|wd|phrase)?($|_)|secret|token|credential|private_?key|(api|access|auth)_?key/i;

/** What is wrong with the value of a secret, told without it. Only spaces around it may be meant. */
export function checkSecret(
  name: string,
  { value, source }: Found,
  { encoding, isUndeclared }: InputSpec,
): readonly Finding[] {
  const flaw = typeof value === 'string' ? flawOf(value) : undefined;
  if (flaw === undefined || (flaw.kind === 'base64' && encoding === 'base64')) return [];
  const meant =
    isUndeclared === true
      ? `declare it in the configuration: ${name}: {secret: true, encoding: base64}`
      : `write "encoding: base64" at ${name} in the configuration`;
  const fix = {
    empty: 'Give it a value.',
    'line-break':
      "Remove it: with printf '%s' instead of echo, and without a line break at the end of the file, the CI secret or the secret in AWS.",
    spaces: 'Remove them, unless they are meant.',
    base64: `Give the text itself: Kubernetes encodes it. If it must be base64, ${meant}.`,
  }[flaw.kind];
  return [
    {
      id: flawIds[flaw.kind],
      severity: flaw.kind === 'spaces' ? 'warning' : 'error',
      cause: `The secret ${name} from ${shownSource(source)} ${flaw.text}.`,
      evidence: [],
      fix,
    },
  ];
}

const flawIds: Readonly<Record<SecretFlaw['kind'], string>> = {
  empty: 'inputs/empty',
  'line-break': 'inputs/whitespace',
  spaces: 'inputs/whitespace',
  base64: 'inputs/double-base64',
};

/**
 * Whether a value of Terraform that the configuration doesn't call secret is treated as one all the same. Terraform's
 * `sensitive` alone doesn't decide: it spreads to everything derived (the original's Kafka brokers have it), and an
 * operator must be able to see endpoints. With a telling name, or a password inside a URL, it does.
 */
export function looksSecret(name: string, { value, source, sensitive }: Found): boolean {
  if (sensitive !== true) return false;
  return secretWords.test(name) || secretWords.test(source.detail) || /:\/\/[^/\s:@]*:[^/\s@]+@/.test(String(value));
}

/** Says that `looksSecret` has decided. */
export function undeclaredSecret(name: string, { source }: Found): Finding {
  return {
    id: 'inputs/undeclared-secret',
    severity: 'warning',
    cause: `The input ${name} holds the sensitive ${source.detail}, but the configuration doesn't call it secret; it is treated as one.`,
    evidence: [],
    fix: `Write "secret: true" at ${name} in the configuration.`,
  };
}
