import { DeployError } from '../errors.ts';
import { arrayOf, at, isObject, type JsonObject, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Right } from '../model/right.ts';
import type { Cluster } from './cluster.ts';

/** Which of some rights the caller has not. */
export interface AccessReview {
  readonly missing: readonly Right[];
  /** Why that could not be found out for all of them. */
  readonly unknown?: string;
}

const apiVersion = 'authorization.k8s.io/v1';
/** So many open questions are worth one first: whether everything is allowed, as to an EKS cluster admin. */
const manyRights = 6;

/**
 * Asks the API server which of these rights the caller lacks: all rules of a namespace in one request, then one for each
 * right that they don't cover. EKS access policies are no rules, and Roles of other namespaces aren't among them; whether a
 * rule for something cluster-wide comes from a ClusterRole can't be told.
 */
export async function reviewAccess(
  rights: readonly Right[],
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<AccessReview> {
  const rules = await readRules(namespace, cluster, signal);
  const open = rights.filter((right) => right.namespace !== namespace || !isCovered(right, rules));
  if (open.length > manyRights && (await mayDo(everything, cluster, signal)) === true) return { missing: [] };
  const answers = await Promise.all(open.map((right) => mayDo(right, cluster, signal)));
  const unknown = answers.find((answer) => typeof answer === 'string');
  return {
    missing: open.filter((_, index) => answers[index] === false),
    ...(typeof unknown === 'string' ? { unknown } : {}),
  };
}

const everything: Right = { verb: '*', group: '*', resource: '*', names: [] };

async function readRules(namespace: string, cluster: Cluster, signal: AbortSignal): Promise<readonly JsonObject[]> {
  const answer = await review('SelfSubjectRulesReview', { namespace }, cluster, signal);
  return typeof answer === 'string' ? [] : arrayOf(at(answer, 'status', 'resourceRules')).filter(isObject);
}

/** Whether rules allow it, those that name only some objects taken together. */
function isCovered({ verb, group, resource, names }: Right, rules: readonly JsonObject[]): boolean {
  const subresource = resource.split('/')[1];
  const resources = ['*', resource, ...(subresource === undefined ? [] : [`*/${subresource}`])];
  const matching = rules.filter(
    (rule) =>
      holds(rule, 'verbs', ['*', verb]) &&
      holds(rule, 'apiGroups', ['*', group]) &&
      holds(rule, 'resources', resources),
  );
  if (matching.some((rule) => arrayOf(rule.resourceNames).length === 0)) return true;
  const named = new Set(matching.flatMap((rule) => arrayOf(rule.resourceNames)));
  return names.length > 0 && names.every((name) => named.has(name));
}

function holds(rule: JsonObject, key: string, wanted: readonly string[]): boolean {
  return arrayOf(rule[key]).some((value) => wanted.includes(stringOf(value) ?? ''));
}

/** Whether the caller has a right; a text says why the API server doesn't tell. */
async function mayDo(right: Right, cluster: Cluster, signal: AbortSignal): Promise<boolean | string> {
  const { verb, group, namespace, names } = right;
  const [resource = '', subresource] = right.resource.split('/');
  const [only] = names;
  const resourceAttributes = {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(only === undefined || names.length > 1 ? {} : { name: only }),
  };
  const answer = await review('SelfSubjectAccessReview', { resourceAttributes }, cluster, signal);
  return typeof answer === 'string' ? answer : at(answer, 'status', 'allowed') === true;
}

/** The API server's answer, or why it gives none. */
async function review(
  kind: string,
  spec: JsonObject,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubernetesObject | string> {
  try {
    const answer = await cluster.create({ apiVersion, kind, metadata: {}, spec }, signal);
    return answer.ok ? answer.object : `${answer.failure.status}: ${answer.failure.message}`;
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'refused' || error.transient) throw error;
    return error.message;
  }
}
