import { at, stringOf } from '../../../model/json.ts';
import { podTemplateOf } from '../../pod-template.ts';
import { pullSecretsNamed } from '../../pull-secrets.ts';
import type { Collection } from './collection.ts';

/**
 * What gives pods their pull secret: the ServiceAccounts of the manifests, and the workloads whose pods use another one. Pods
 * that name a pull secret themselves keep theirs: the API server doesn't add that of their account.
 */
export const pullers: Collection = {
  name: 'puller',
  items({ manifests, namespace }) {
    const ours = manifests.filter(({ ref }) => ref.namespace === namespace);
    const accounts = ours.filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'ServiceAccount');
    const names = new Set(accounts.map(({ ref }) => ref.name));
    const others = ours.filter(({ body }) => {
      const template = podTemplateOf(body);
      if (template === undefined || pullSecretsNamed(body).length > 0) return false;
      return !names.has(stringOf(at(template, 'spec', 'serviceAccountName')) ?? 'default');
    });
    return [...accounts, ...others].map(({ ref: { kind, name } }) => ({ puller: { kind, name } }));
  },
};
