import type { Cluster } from '../cluster/cluster.ts';
import type { Scope } from '../cluster/lists.ts';
import { readWorld } from '../cluster/read-world.ts';
import { kindOf, podsOf } from '../kinds/index.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { isTrue } from '../kinds/replicas.ts';
import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refOf } from '../model/object.ts';
import { pullTokensOf } from '../model/pull-token.ts';
import type { World } from '../model/world.ts';
import { askPods, askServices } from './ask.ts';
import { askAddresses } from './ask-addresses.ts';
import { webhookConfigurations, webhookNamespaces } from './checks/webhooks.ts';
import { type Facts, type LogExcerpt, liveOf, type SecretFlaw } from './facts.ts';
import { readLogLines } from './log-tail.ts';
import { flawsOf, withoutValues } from './secret-flaws.ts';

export interface CollectRequest {
  readonly application: string;
  readonly namespace: string;
  readonly declared: readonly Manifest[];
  /** Ask pods, Services and load balancers themselves, too: by port-forward, exec and HTTP. */
  readonly ask: boolean;
}

const inNamespace: readonly (readonly [apiVersion: string, kinds: readonly string[]])[] = [
  [
    'v1',
    ['Pod', 'Event', 'Service', 'ConfigMap', 'Secret', 'ServiceAccount', 'ResourceQuota', 'PersistentVolumeClaim'],
  ],
  ['apps/v1', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision']],
  ['batch/v1', ['Job', 'CronJob']],
  ['autoscaling/v2', ['HorizontalPodAutoscaler']],
  ['policy/v1', ['PodDisruptionBudget']],
  ['networking.k8s.io/v1', ['Ingress']],
  ['discovery.k8s.io/v1', ['EndpointSlice']],
  ['metrics.k8s.io/v1beta1', ['PodMetrics']],
];

/** What is judged of the namespace of the deploy alone. */
const ofHomeOnly: ReadonlySet<string> = new Set(['ResourceQuota', 'PodMetrics']);

const clusterWide: readonly (readonly [apiVersion: string, kinds: readonly string[]])[] = [
  ['v1', ['Namespace', 'Node']],
  ['networking.k8s.io/v1', ['IngressClass']],
  ['storage.k8s.io/v1', ['StorageClass']],
  ['apiregistration.k8s.io/v1', ['APIService']],
  ['admissionregistration.k8s.io/v1', ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']],
];

const logLines = 50;
/** Of so many containers logs are read: of a large application that is enough to see what goes on. */
const logsRead = 40;

/** Gathers everything that checks judge: lists, log tails and, where asked, the pods' own answers. */
export async function collectFacts(request: CollectRequest, cluster: Cluster, signal: AbortSignal): Promise<Facts> {
  const { application, namespace, declared } = request;
  const secretFlaws: SecretFlaw[] = [];
  const pullTokens: Facts['pullTokens'][number][] = [];
  const prepare = (object: KubernetesObject): KubernetesObject => {
    if (object.kind !== 'Secret') return object;
    secretFlaws.push(...flawsOf(object));
    pullTokens.push(...pullTokensOf(object).map((token) => ({ ...token, secret: refOf(object) })));
    return withoutValues(object);
  };
  const read = await readWorld(cluster, scopesFor(namespace, declared), signal, prepare);
  const unread = new Map(read.unread);
  const elsewhere = await readWebhookEndpoints(read.world, namespace, cluster, signal);
  const world = withSlices(read.world, [...elsewhere.values()].flat());
  const workloads = declared.flatMap(({ ref }) => {
    const live = kindOf(ref)?.pods === undefined ? undefined : world.get(ref);
    return live === undefined ? [] : [live];
  });
  const names = new Set(declared.filter(({ ref }) => ref.kind === 'Secret').map(({ ref }) => ref.name));
  const note = (right: string, why: string): void => void unread.set(right, why);
  const [logs, answers, reaches, addresses] = await Promise.all([
    readLogs(workloads, world, cluster, signal),
    request.ask ? askPods(workloads, declared, world, cluster, note, signal) : [],
    request.ask ? askServices(workloads, declared, world, cluster, note, signal) : [],
    request.ask ? askAddresses(liveOf({ declared, world }, 'Ingress'), signal) : [],
  ]);
  return {
    application,
    namespace,
    declared,
    world,
    unread,
    endpointsOf: new Set([namespace, ...declared.flatMap(({ ref }) => ref.namespace ?? []), ...elsewhere.keys()]),
    secretFlaws: secretFlaws.filter(({ secret }) => names.has(secret.name)),
    pullTokens,
    logs,
    answers,
    reaches,
    addresses,
  };
}

function hasJustRestarted(pod: KubernetesObject, container: string): boolean {
  const found = containersOf(pod).find(({ name }) => name === container);
  return found !== undefined && found.restarts > 0 && found.runningSinceMs !== undefined && !isTrue(pod, 'Ready');
}

/** The fixed kinds, and what else the manifests declare. */
function scopesFor(namespace: string, declared: readonly Manifest[]): readonly Scope[] {
  const scopes = new Map<string, Scope>();
  const add = (scope: Scope): void => {
    const key = `${scope.apiVersion}/${scope.kind}/${scope.namespace ?? ''}`;
    if (!scopes.has(key)) scopes.set(key, scope);
  };
  for (const [apiVersion, kinds] of inNamespace) for (const kind of kinds) add({ apiVersion, kind, namespace });
  for (const [apiVersion, kinds] of clusterWide) for (const kind of kinds) add({ apiVersion, kind });
  // Where else the application has objects their pods and what these read are looked at, too.
  const elsewhere = new Set(declared.flatMap(({ ref }) => ref.namespace ?? []));
  for (const other of elsewhere) {
    for (const [apiVersion, kinds] of inNamespace) {
      for (const kind of kinds) if (!ofHomeOnly.has(kind)) add({ apiVersion, kind, namespace: other });
    }
  }
  for (const { ref } of declared) {
    const { apiVersion, kind } = ref;
    add({ apiVersion, kind, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) });
  }
  return [...scopes.values()];
}

/** The EndpointSlices of the other namespaces that admission webhooks are in; those that may not be read are left out. */
async function readWebhookEndpoints(
  world: World,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly KubernetesObject[]>> {
  const configurations = webhookConfigurations.flatMap((kind) => world.list(kind));
  const others = new Set(configurations.flatMap(webhookNamespaces).filter((name) => name !== namespace));
  const slices = await Promise.all(
    [...others].map(async (name) => {
      const scope = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace: name };
      const { world: there, unread } = await readWorld(cluster, [scope], signal);
      return unread.size > 0 ? [] : [[name, there.list('EndpointSlice')] as const];
    }),
  );
  return new Map(slices.flat());
}

function withSlices(world: World, slices: readonly KubernetesObject[]): World {
  const list: World['list'] = (kind) =>
    kind === 'EndpointSlice' ? [...world.list(kind), ...slices] : world.list(kind);
  return { ...world, list };
}

async function readLogs(
  workloads: readonly KubernetesObject[],
  world: World,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly LogExcerpt[]> {
  const containers = workloads
    .flatMap((workload) => podsOf(workload, world))
    .filter(isAlive)
    .flatMap((pod) =>
      arrayOf(at(pod, 'spec', 'containers')).map((container) => ({
        pod,
        name: stringOf(objectOf(container).name) ?? '',
      })),
    );
  const excerpts = await Promise.all(
    containers.slice(0, logsRead).map(async ({ pod, name }) => {
      const options = { container: name, tailLines: logLines, limitBytes: 65_536 };
      const excerpt = { pod: pod.metadata.name ?? '', container: name };
      // One that has just been started again has said nothing yet: its last words are those of the run before.
      const before = hasJustRestarted(pod, name)
        ? await readLogLines(cluster, refOf(pod), { ...options, previous: true }, signal)
        : [];
      if (before.length > 0) return [{ ...excerpt, isPrevious: true, lines: before }];
      const lines = await readLogLines(cluster, refOf(pod), options, signal);
      return lines.length === 0 ? [] : [{ ...excerpt, lines }];
    }),
  );
  return excerpts.flat();
}
