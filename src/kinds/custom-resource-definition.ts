import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { type Kind, notObserved } from './kind.ts';
import { conditionOf, isTrue } from './replicas.ts';

/**
 * Ready: its names are accepted and the API serves it. Failed: another definition has one of its names. The conditions
 * count no generations: they are of the newest one as soon as all of its names are among the accepted ones.
 */
function assess(live: KubernetesObject): Readiness {
  if (isTrue(live, 'Established') && isTrue(live, 'NamesAccepted')) {
    return areAccepted(live) ? { state: 'ready' } : notObserved;
  }
  const names = conditionOf(live, 'NamesAccepted');
  if (names?.status !== 'False') return { state: 'progressing', why: 'not established yet' };
  const why = stringOf(names.message) ?? 'its names are taken';
  const fix = 'Choose other names, or delete the definition that has them.';
  const evidence = [`condition NamesAccepted: False, ${stringOf(names.reason) ?? ''}: ${why}`];
  return { state: 'failed', why, problems: [{ id: 'crd/names', cause: why, fix, evidence, certain: true }] };
}

function areAccepted(live: KubernetesObject): boolean {
  const wanted = objectOf(at(live, 'spec', 'names'));
  const accepted = objectOf(at(live, 'status', 'acceptedNames'));
  const isSame = (key: string) => stringOf(wanted[key]) === stringOf(accepted[key]);
  const hasAll = (key: string) => arrayOf(wanted[key]).every((name) => arrayOf(accepted[key]).includes(name));
  return ['plural', 'singular', 'kind', 'listKind'].every(isSame) && ['shortNames', 'categories'].every(hasAll);
}

export const customResourceDefinition: Kind = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  wave: 0,
  assess,
};
