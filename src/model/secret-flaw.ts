import { Buffer } from 'node:buffer';
import type { KubernetesObject } from './object.ts';

/** On a Secret: its keys, separated by commas, whose values are as they are meant, however odd they look. */
export const asIsAnnotation = 'oms-deploy.io/as-is';

/** What is odd about the value of a secret, told without it. */
export interface SecretFlaw {
  readonly kind: 'empty' | 'line-break' | 'spaces' | 'base64';
  /** A clause: `ends with a line break`. */
  readonly text: string;
}

/**
 * The mistakes of secrets that were made by hand: the line break that `echo` or an editor leaves behind is the usual reason
 * for "authentication failed", an encoding too many the next one. A value of several lines (a PEM key) may end with a line
 * break. Undefined for a value that looks sound.
 */
export function flawOf(value: string): SecretFlaw | undefined {
  if (value === '') return { kind: 'empty', text: 'is empty' };
  const inner = value.trim();
  if (inner === '') return { kind: 'empty', text: 'is nothing but white space' };
  if (/[\r\n]/.test(inner)) return isBase64OfText(value.replace(/[\r\n]/g, '')) ? base64 : undefined;
  if (/\n\s*$/.test(value)) return { kind: 'line-break', text: 'ends with a line break' };
  if (/\r\s*$/.test(value)) return { kind: 'line-break', text: 'ends with a carriage return' };
  if (/^\s*[\r\n]/.test(value)) return { kind: 'line-break', text: 'begins with a line break' };
  if (/^\s/.test(value)) return { kind: 'spaces', text: 'begins with a space' };
  if (/\s$/.test(value)) return { kind: 'spaces', text: 'ends with a space' };
  return isBase64OfText(value) ? base64 : undefined;
}

/** Whether the values of a Secret are judged at all: those of other types than Opaque are whole files. */
export function isJudged({ type }: KubernetesObject): boolean {
  return type === undefined || type === 'Opaque';
}

/** Whether somebody has said that a value is meant as it is. */
export function isAsMeant({ metadata }: KubernetesObject, key: string): boolean {
  return (metadata.annotations?.[asIsAnnotation] ?? '').split(',').some((one) => one.trim() === key);
}

const base64: SecretFlaw = { kind: 'base64', text: 'is base64 of a text' };

/**
 * Valid base64 to the last bit, and readable once decoded. Without the `=` that tells it from a random password it must be
 * longer: of those with 16 letters and digits 1 in 60,000 decodes to something readable.
 */
function isBase64OfText(text: string): boolean {
  const minLength = text.endsWith('=') ? 8 : 16;
  if (text.length < minLength || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return false;
  // What is no UTF-8 becomes U+FFFD, which is a symbol.
  return /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\r\n\t]+$/u.test(bytes.toString('utf8').replaceAll('\uFFFD', '\0'));
}
