import type { Finding } from '../../model/finding.ts';
import { at, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';
/** How a class was named before IngressClass; controllers still read it, and it needs no such object. */
const oldAnnotation = 'kubernetes.io/ingress.class';
const install =
  'Install the controller (for ALB: the AWS Load Balancer Controller), or correct ingressClassName and deploy.';

/** An Ingress of a class that doesn't exist, or of none, is looked at by nobody: it never gets an address. */
export const ingressClassCheck: Check = {
  id: 'ingress/class',
  summary: 'the classes that Ingresses name exist',
  commands: ['verify', 'doctor', 'preflight'],
  needs: ['IngressClass'],
  run(facts) {
    const ingresses = liveOf(facts, 'Ingress');
    return {
      passed: ingresses.length === 0 ? '' : 'the classes of Ingresses exist',
      findings: ingresses.flatMap((ingress) => judge(ingress, facts)),
    };
  },
};

function judge(ingress: KubernetesObject, { world, ahead }: Facts): readonly Finding[] {
  const name = stringOf(at(ingress, 'spec', 'ingressClassName'));
  const classes = world.list('IngressClass');
  const known = classes.map(({ metadata }) => metadata.name ?? '');
  const evidence = [known.length === 0 ? 'the cluster has no IngressClass' : `the cluster has: ${known.join(', ')}`];
  const ref = refOf(ingress);
  if (name !== undefined) {
    if (known.includes(name)) return [];
    return [problemOf('ingress/class', ref, `is of class ${name}, which does not exist`, install, evidence)];
  }
  // One that is there may have been taken up by a controller that watches Ingresses without a class.
  if (ahead?.changed === undefined || ingress.metadata.annotations?.[oldAnnotation] !== undefined) return [];
  if (classes.some(({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true')) return [];
  const cause = 'names no class, and no IngressClass is the default: no controller may look at it';
  return [warningOf('ingress/class', ref, cause, 'Set spec.ingressClassName.', evidence)];
}
