import { stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import type { Kind } from './kind.ts';
import { conditionOf, isTrue } from './replicas.ts';

/** Ready: its names are accepted and the API serves it. Failed: another definition has one of its names. */
function assess(live: KubernetesObject): Readiness {
  if (isTrue(live, 'Established') && isTrue(live, 'NamesAccepted')) return { state: 'ready' };
  const names = conditionOf(live, 'NamesAccepted');
  if (names?.status !== 'False') return { state: 'progressing', why: 'not established yet' };
  const why = stringOf(names.message) ?? 'its names are taken';
  const fix = 'Choose other names, or delete the definition that has them.';
  const evidence = [`condition NamesAccepted: False, ${stringOf(names.reason) ?? ''}: ${why}`];
  return { state: 'failed', why, problems: [{ id: 'crd/names', cause: why, fix, evidence, certain: true }] };
}

export const customResourceDefinition: Kind = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  wave: 0,
  assess,
};
