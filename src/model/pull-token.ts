import { Buffer } from 'node:buffer';
import { at, numberOf, objectOf, parseJsonObject, stringOf } from './json.ts';
import type { KubernetesObject } from './object.ts';

/** A token of ECR in a pull secret: for which registry, and until when, in milliseconds since 1970. */
export interface PullToken {
  readonly host: string;
  readonly expiresMs: number;
}

/**
 * The tokens of ECR in a Secret of type `kubernetes.io/dockerconfigjson`: they last 12 hours, and say themselves until when.
 * Other passwords aren't looked at.
 */
export function pullTokensOf({ type, data }: KubernetesObject): readonly PullToken[] {
  if (type !== 'kubernetes.io/dockerconfigjson') return [];
  const config = parseJsonObject(decoded(stringOf(objectOf(data)['.dockerconfigjson']) ?? ''));
  return Object.entries(objectOf(config?.auths)).flatMap(([host, entry]) => {
    const pair = decoded(stringOf(at(entry, 'auth')) ?? '');
    const password = stringOf(at(entry, 'password')) ?? pair.slice(pair.indexOf(':') + 1);
    const seconds = numberOf(parseJsonObject(decoded(password))?.expiration, 0);
    return seconds > 0 ? [{ host: host.replace(/^https:\/\//, ''), expiresMs: seconds * 1000 }] : [];
  });
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
