import { readyEndpoints } from '../../kinds/service.ts';
import { podLabelsOf } from '../../manifests/pod-template.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject, type JsonObject, stringOf } from '../../model/json.ts';
import {
  formatRef,
  groupOf,
  type KubernetesObject,
  namespaceRef,
  type ObjectRef,
  pluralOf,
  refKey,
  refOf,
} from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { World } from '../../model/world.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import type { Facts } from '../facts.ts';

export const webhookConfigurations = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

/** A webhook whose pods are gone refuses all that it is asked about (aws-load-balancer-controller#2336). */
export const webhooksCheck: Check = {
  id: 'webhooks/endpoints',
  summary: 'admission webhooks that deploys depend on have ready endpoints, where these may be read',
  commands: ['doctor', 'preflight'],
  needs: [...webhookConfigurations, 'EndpointSlice'],
  run(facts) {
    const judged = strictWebhooks(facts.world).filter(({ webhook }) => isJudged(serviceOf(webhook), facts));
    const passed = judged.length === 0 ? '' : `${countOf(judged.length, 'admission webhook')} can be reached`;
    const findings = judged.flatMap(({ configuration, webhook }) => judge(configuration, webhook, facts));
    const blind =
      facts.ahead === undefined
        ? []
        : webhooksAsked(facts).filter(({ webhook }) => !isJudged(serviceOf(webhook), facts));
    const [first] = blind.flatMap(({ webhook }) => serviceOf(webhook) ?? []);
    if (first === undefined) return { passed, findings };
    return { passed, findings, skipped: `the EndpointSlices of ${formatRef(first)} can't be read` };
  },
};

interface Hook {
  readonly configuration: KubernetesObject;
  readonly webhook: JsonObject;
}

/** The webhooks without whose answer the API server refuses what it asks them about. */
function strictWebhooks(world: World): readonly Hook[] {
  return webhookConfigurations
    .flatMap((kind) => world.list(kind))
    .flatMap((configuration) =>
      arrayOf(configuration.webhooks)
        .filter(isObject)
        .map((webhook) => ({ configuration, webhook })),
    )
    .filter(({ webhook }) => webhook.failurePolicy !== 'Ignore');
}

/** Those of them that are asked about the application's objects: in a preflight about what the plan writes. */
export function webhooksAsked(facts: Admitting): readonly Hook[] {
  return strictWebhooks(facts.world).filter(({ webhook }) => admitted(webhook, facts).length > 0);
}

/** What says whom the API server asks. */
export type Admitting = Pick<Facts, 'world' | 'namespace' | 'declared' | 'ahead'>;

/** The namespaces of the Services that webhooks ask. */
export function webhookNamespaces(configuration: KubernetesObject): readonly string[] {
  return arrayOf(configuration.webhooks).filter(isObject).flatMap(namespaceAsked);
}

/** The namespace of the Service that a webhook asks, if it asks one. */
export function namespaceAsked(webhook: JsonObject): readonly string[] {
  const namespace = serviceOf(webhook)?.namespace;
  return namespace === undefined ? [] : [namespace];
}

function serviceOf(webhook: JsonObject): ObjectRef | undefined {
  const service = at(webhook, 'clientConfig', 'service');
  const [namespace, name] = [stringOf(at(service, 'namespace')), stringOf(at(service, 'name'))];
  return namespace === undefined || name === undefined
    ? undefined
    : { apiVersion: 'v1', kind: 'Service', namespace, name };
}

/** Of a namespace whose EndpointSlices were not read, none are known: that says nothing. */
function isJudged(service: ObjectRef | undefined, { endpointsOf }: Facts): service is ObjectRef {
  return service?.namespace !== undefined && endpointsOf.has(service.namespace);
}

function judge(configuration: KubernetesObject, webhook: JsonObject, facts: Facts): readonly Finding[] {
  const service = serviceOf(webhook);
  if (service === undefined) return [];
  const live = { ...service, metadata: { name: service.name, namespace: service.namespace ?? '' } };
  if (readyEndpoints(live, facts.world) > 0) return [];
  const refused = admitted(webhook, facts);
  const [first] = refused;
  if (first === undefined) return [];
  const name = stringOf(webhook.name) ?? '';
  const more = refused.length === 1 ? '' : ` and ${refused.length - 1} more`;
  const cause = `asks ${formatRef(service)}, which has no ready endpoint: deploys will be refused`;
  const fix =
    `See why the pods behind it are not ready: kubectl get pods -n ${service.namespace ?? ''}. ` +
    'If its operator is gone for good, delete the configuration, too.';
  const evidence = [`webhook ${name}, failurePolicy Fail, is asked about ${first}${more}`];
  // Its conditions may leave these objects out: that is for the API server to judge (CEL).
  const say = facts.ahead !== undefined && arrayOf(webhook.matchConditions).length > 0 ? warningOf : problemOf;
  return [say('webhooks/endpoints', refOf(configuration), cause, fix, evidence)];
}

/** What the application has that the API server would ask this webhook about. */
function admitted(webhook: JsonObject, { world, namespace, declared, ahead }: Admitting): readonly string[] {
  const home = world.get(namespaceRef(namespace));
  const labels = { 'kubernetes.io/metadata.name': namespace, ...home?.metadata.labels };
  if (!matchesSelector(webhook.namespaceSelector, labels)) return [];
  return declared
    .filter(({ ref }) => ahead === undefined || ahead.changed.has(refKey(ref)))
    .flatMap(({ body, ref }) => {
      const pods = podLabelsOf(body);
      const isPods = Object.keys(pods).length > 0 && ref.kind !== 'Pod';
      const text = formatRef(ref);
      const made = { group: '', kind: 'Pod', labels: pods, text: `the pods of ${text}` };
      const own = { group: groupOf(ref.apiVersion), kind: ref.kind, labels: body.metadata.labels, text };
      return isPods ? [own, made] : [own];
    })
    .filter(({ labels: own }) => matchesSelector(webhook.objectSelector, own))
    .filter(({ group, kind }) => arrayOf(webhook.rules).some((rule) => covers(rule, group, pluralOf(kind))))
    .map(({ text }) => text);
}

function covers(rule: unknown, group: string, resource: string): boolean {
  const holds = (key: string, ...wanted: readonly string[]): boolean =>
    arrayOf(at(rule, key)).some((value) => wanted.includes(stringOf(value) ?? ''));
  return (
    holds('apiGroups', '*', group) &&
    holds('resources', '*', '*/*', resource) &&
    holds('operations', '*', 'CREATE', 'UPDATE')
  );
}
