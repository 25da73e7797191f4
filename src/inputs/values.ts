import type { Finding } from '../model/finding.ts';
import type { Found } from './given.ts';

/** What follows is a secret: `db_password`, `client_secret`, `api_keys`; and not `secret_name`, `password_policy`. */
const credentialName =
  /(^|_)(password|passwd|pwd|passphrase|pass|secret|token|credential|(private|secret|api|access|auth|account|signing|encryption)_?key)s?$/;

/** Whether an input's name is that of a credential. */
export function namesCredential(name: string): boolean {
  return credentialName.test(name);
}

const secretWords = /pass(word|wd|phrase)?($|_)|secret|token|credential|private_?key|(api|access|auth)_?key/i;

/**
 * What is wrong with the ends of a secret: the newline that `echo` or an editor leaves behind is the usual reason for
 * "authentication failed" (facts: problem 1). A value of several lines, a PEM key, may end with one.
 */
export function checkSecret(name: string, { value, source }: Found): readonly Finding[] {
  if (typeof value !== 'string') return [];
  const what = describeEnds(value);
  if (what === undefined) return [];
  return [
    {
      id: 'inputs/whitespace',
      severity: /[\r\n]/.test(value) ? 'error' : 'warning',
      cause: `The secret ${name} from ${source.detail} ${what}.`,
      evidence: [],
      fix: "Remove it: with printf '%s' instead of echo, and without a line break at the end of the file or the CI secret.",
    },
  ];
}

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

function describeEnds(value: string): string | undefined {
  const isOneLine = !/[\r\n]/.test(value.trim());
  if (isOneLine && /[\r\n]\s*$/.test(value)) return 'ends with a line break';
  if (isOneLine && /^\s*[\r\n]/.test(value)) return 'begins with a line break';
  if (/^[ \t]/.test(value)) return 'begins with a space';
  if (/[ \t]$/.test(value)) return 'ends with a space';
  return undefined;
}
