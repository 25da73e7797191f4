import { Buffer } from 'node:buffer';
import { isObject, objectOf } from '../model/json.ts';
import { type KubernetesObject, refOf } from '../model/object.ts';
import type { SecretFlaw } from './facts.ts';

/** What is odd about the values of a Secret, told without them: the mistakes of hand-made base64. */
export function flawsOf(secret: KubernetesObject): readonly SecretFlaw[] {
  if (secret.type !== undefined && secret.type !== 'Opaque') return [];
  return Object.entries(objectOf(secret.data)).flatMap(([key, value]) => {
    if (typeof value !== 'string') return [];
    const text = Buffer.from(value, 'base64').toString('utf8');
    const flaw = flawIn(text);
    return flaw === undefined ? [] : [{ secret: refOf(secret), key, flaw }];
  });
}

function flawIn(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.includes('\n') && text.trimEnd().includes('\n')) return undefined; // a certificate, a file
  if (text.endsWith('\n')) return 'ends with a line break (echo without -n)';
  if (text.endsWith('\r')) return 'ends with a carriage return';
  if (text !== text.trim()) return 'begins or ends with a space';
  if (isBase64OfText(text)) return 'looks like base64 of base64';
  return undefined;
}

/** Long enough, valid, and printable again once decoded: no random password is all of it. */
function isBase64OfText(text: string): boolean {
  if (text.length < 12 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return /^[\x20-\x7e\n]+$/.test(decoded) && Buffer.from(decoded.trimEnd(), 'utf8').length >= 6;
}

/** The Secret with its keys and no values: what checks may see. */
export function withoutValues(secret: KubernetesObject): KubernetesObject {
  const { data, stringData: _, ...rest } = secret;
  const { managedFields: _fields, annotations, ...metadata } = rest.metadata;
  const kept = Object.fromEntries(
    Object.entries(isObject(annotations) ? annotations : {}).filter(([name]) => name.startsWith('oms-deploy.io/')),
  );
  return {
    ...rest,
    metadata: { ...metadata, annotations: kept },
    data: Object.fromEntries(Object.keys(objectOf(data)).map((key) => [key, ''])),
  };
}
