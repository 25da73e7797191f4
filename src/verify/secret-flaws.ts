import { Buffer } from 'node:buffer';
import { isObject, objectOf } from '../model/json.ts';
import { type KubernetesObject, refOf } from '../model/object.ts';
import { flawOf, isAsMeant, isJudged } from '../model/secret-flaw.ts';
import type { SecretFlaw } from './facts.ts';

/** What is odd about the values of a Secret, told without them: the mistakes of hand-made base64. */
export function flawsOf(secret: KubernetesObject): readonly SecretFlaw[] {
  if (!isJudged(secret)) return [];
  return Object.entries(objectOf(secret.data)).flatMap(([key, value]) => {
    if (typeof value !== 'string' || isAsMeant(secret, key)) return [];
    const flaw = flawOf(Buffer.from(value, 'base64').toString('utf8'));
    return flaw === undefined ? [] : [{ secret: refOf(secret), key, flaw: flaw.text }];
  });
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
