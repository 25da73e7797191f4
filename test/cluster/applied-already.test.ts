import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type Cluster, fieldManager } from '../../src/cluster/cluster.ts';
import { isAppliedAlready } from '../../src/deploy/applied-already.ts';
import { diffObjects } from '../../src/deploy/diff.ts';
import { managedFieldsOf } from '../../src/deploy/managed-fields.ts';
import { isObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject, refOf } from '../../src/model/object.ts';
import { getSandbox } from '../support/sandbox.ts';
import { connectTo } from '../support/target.ts';

/** Of each kind of merging something: maps, lists with one and two keys, sets, what is kept whole, defaults, other spellings. */
const manifests = `
apiVersion: v1
kind: ConfigMap
metadata: {name: config, labels: {a: b}, annotations: {note: x}}
data: {level: Information, endpoint: "cache:6379"}
---
apiVersion: v1
kind: Secret
metadata: {name: secret}
data: {password: aHVudGVyMjI=}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: account}
automountServiceAccountToken: false
imagePullSecrets: [{name: one}, {name: two}]
---
apiVersion: v1
kind: Service
metadata: {name: service}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: grpc, port: 90, protocol: TCP}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: account
      securityContext: {runAsNonRoot: true, sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "0"}]}
      topologySpreadConstraints:
        - {topologyKey: kubernetes.io/hostname, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      tolerations: [{key: a, operator: Exists}]
      volumes: [{name: tmp, emptyDir: {}}, {name: config, configMap: {name: config}}]
      containers:
        - name: web
          image: example.com/web:1
          command: [run, --fast]
          ports: [{name: http, containerPort: 80}, {containerPort: 90, protocol: UDP}]
          env:
            - {name: A, value: "1"}
            - {name: B, valueFrom: {configMapKeyRef: {name: config, key: level}}}
            - {name: C, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
          envFrom: [{secretRef: {name: secret}}]
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 1024Mi}}
          readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
        - {name: side, image: "example.com/side:1"}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: policy}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ingress}
spec:
  rules:
    - host: shop.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: service, port: {name: http}}}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: role}
rules: [{apiGroups: [""], resources: [pods, services], verbs: [get, list]}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: budget, finalizers: [example.com/held]}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cron}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "example.com/c:1"}]}}}}
`;

const signal = AbortSignal.timeout(120_000);

function objectsIn(namespace: string): readonly KubernetesObject[] {
  const values = parseAllDocuments(manifests).map((document): unknown => document.toJS());
  return values.filter(isKubernetesObject).map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
}

async function place(t: TestContext): Promise<{ readonly cluster: Cluster; readonly namespace: string }> {
  const sandbox = await getSandbox();
  const cluster = connectTo(sandbox.kubeconfig);
  const namespace = await sandbox.createNamespace('applied', t);
  t.after(async () => {
    // The finalizer would keep the namespace.
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: 'budget', namespace };
    await cluster.patch(budget, [{ op: 'remove', path: '/metadata/finalizers' }], signal);
    cluster.close();
  });
  return { cluster, namespace };
}

async function apply(cluster: Cluster, object: KubernetesObject): Promise<void> {
  const applied = await cluster.apply(object, { dryRun: false, force: true }, signal);
  assert.ok(applied.ok, JSON.stringify(applied));
}

async function read(cluster: Cluster, object: KubernetesObject): Promise<KubernetesObject> {
  return (await cluster.get(refOf(object), signal)) ?? assert.fail(`${object.kind} is gone`);
}

/** Where it says yes, the server must say that nothing changes. */
async function isRight(cluster: Cluster, manifest: KubernetesObject, live: KubernetesObject): Promise<boolean> {
  if (!isAppliedAlready(manifest, live)) return false;
  const tried = await cluster.apply(manifest, { dryRun: true, force: false }, signal);
  assert.ok(tried.ok, `${manifest.kind}: ${JSON.stringify(tried)}`);
  assert.deepEqual(diffObjects(live, tried.object), [], `${manifest.kind}: ${JSON.stringify(manifest)}`);
  assert.deepEqual(ownedIn(tried.object), ownedIn(live), manifest.kind);
  return true;
}

function ownedIn(object: KubernetesObject): readonly JsonObject[] {
  return managedFieldsOf(object).flatMap(({ manager, fields }) => (manager === fieldManager ? [fields] : []));
}

/** The value with one thing about it changed: each value, each field, the order and the number of items. */
function* mutations(value: Json): Iterable<Json> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    yield items.toReversed();
    yield items.slice(1);
    yield [...items, ...items.slice(0, 1)];
    for (const [index, item] of items.entries()) for (const one of mutations(item)) yield items.with(index, one);
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const { [key]: _, ...rest } = value;
      yield rest;
      yield { ...rest, [key]: null };
      yield { ...value, [`${key}X`]: inner };
      if (inner !== undefined) for (const one of mutations(inner)) yield { ...rest, [key]: one };
    }
  } else if (typeof value === 'string') yield `${value}x`;
  else if (typeof value === 'number') yield value + 1;
  else yield value !== true;
}

test('what was applied is known to be applied, in most kinds of fields; nothing else ever is', async (t) => {
  const { cluster, namespace } = await place(t);
  const unsure: string[] = [];
  let changed = 0;
  for (const object of objectsIn(namespace)) {
    await apply(cluster, object);
    const live = await read(cluster, object);
    if (!(await isRight(cluster, object, live))) unsure.push(object.kind);
    for (const mutation of mutations({ ...object })) {
      if (!isKubernetesObject(mutation) || !isSame(mutation, object)) continue;
      changed += 1;
      await isRight(cluster, mutation, live);
    }
  }
  assert.ok(changed > 500, `${changed} mutations`);
  // 1024Mi comes back as 1Gi, and the server sets defaults within what it keeps whole (fieldRef, the ports of a policy).
  assert.deepEqual(unsure, ['Deployment', 'NetworkPolicy']);
});

/** The same name of the same kind, so that it is about the same live object. */
function isSame(mutation: KubernetesObject, { apiVersion, kind, metadata }: KubernetesObject): boolean {
  const { name, namespace } = mutation.metadata;
  const isOne = name === metadata.name && namespace === metadata.namespace;
  return isOne && mutation.kind === kind && mutation.apiVersion === apiVersion;
}

/** What somebody else does to the applied object, and whether it is still plain that an apply would change nothing. */
const others: readonly (readonly [string, JsonObject, boolean])[] = [
  ['a label of its own', { metadata: { labels: { theirs: 'x' } } }, true],
  ['a key of its own', { data: { theirs: 'x' } }, true],
  ['the same value', { data: { level: 'Information' } }, true],
  ['another value', { data: { level: 'Debug' } }, false],
];

for (const [what, change, isPlain] of others) {
  test(`another manager sets ${what}`, async (t) => {
    const sandbox = await getSandbox();
    const { cluster, namespace } = await place(t);
    const [config, ...rest] = objectsIn(namespace);
    assert.ok(config);
    const budget = rest.find(({ kind }) => kind === 'PodDisruptionBudget');
    if (budget !== undefined) await apply(cluster, budget);
    await apply(cluster, config);
    const { kind, apiVersion } = config;
    const body = { apiVersion, kind, ...change };
    const path = `/api/v1/namespaces/${namespace}/configmaps/config?fieldManager=other&force=true`;
    const { status } = await sandbox.request('PATCH', path, body, 'application/apply-patch+yaml');
    assert.equal(status, 200);
    assert.equal(await isRight(cluster, config, await read(cluster, config)), isPlain);
  });
}

test('what we have set otherwise than by applying it is not taken for applied', async (t) => {
  const { cluster, namespace } = await place(t);
  const [config, ...rest] = objectsIn(namespace);
  assert.ok(config);
  for (const one of rest.filter(({ kind }) => kind === 'PodDisruptionBudget')) await apply(cluster, one);
  assert.ok((await cluster.create(config, signal)).ok);
  assert.equal(await isRight(cluster, config, await read(cluster, config)), false);
});
