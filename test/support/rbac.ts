import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import type { TestSandbox } from './sandbox.ts';

/** What somebody may do, as in a Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rbac = '/apis/rbac.authorization.k8s.io/v1';

async function post(sandbox: TestSandbox, path: string, body: JsonObject): Promise<JsonObject> {
  const answer = await sandbox.request('POST', path, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return objectOf(answer.body);
}

/** A kubeconfig for a ServiceAccount of this name that may do just this in a namespace. */
export async function restrictedKubeconfig(
  t: TestContext,
  sandbox: TestSandbox,
  namespace: string,
  rules: readonly Rule[],
  name = 'restricted',
): Promise<string> {
  const file = await accountKubeconfig(t, sandbox, namespace, name);
  const home = `${rbac}/namespaces/${namespace}`;
  await post(sandbox, `${home}/roles`, { metadata: { name }, rules: rules.map((rule) => ({ ...rule })) });
  await post(sandbox, `${home}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return file;
}

/** A kubeconfig for a new ServiceAccount, that may do nothing yet. */
export async function accountKubeconfig(
  t: TestContext,
  sandbox: TestSandbox,
  namespace: string,
  name: string,
): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await post(sandbox, accounts, { metadata: { name } });
  const token = stringOf(at(await post(sandbox, `${accounts}/${name}/token`, { spec: {} }), 'status', 'token')) ?? '';
  const config = parse(await readFile(sandbox.kubeconfig, 'utf8')) as JsonObject;
  const user = stringOf(at(arrayOf(at(config, 'users'))[0], 'name')) ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'oms-rbac-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, stringify({ ...config, users: [{ name: user, user: { token } }] }), { mode: 0o600 });
  return file;
}

/** The objects of a file of templates/access, for a namespace and a group. */
export async function accessTemplate(
  file: 'role.yaml' | 'cluster-role.yaml',
  namespace: string,
  group: string,
): Promise<readonly JsonObject[]> {
  const path = fileURLToPath(new URL(`../../templates/access/${file}`, import.meta.url));
  const text = (await readFile(path, 'utf8')).replaceAll('NAMESPACE', namespace).replaceAll('oms-deployers', group);
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

/** Creates Roles, ClusterRoles and their bindings; those of the whole cluster are deleted when the test ends. */
export async function grant(t: TestContext, sandbox: TestSandbox, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) {
    const [kind, name, namespace] = [object.kind, at(object, 'metadata', 'name'), at(object, 'metadata', 'namespace')];
    const place = namespace === undefined ? rbac : `${rbac}/namespaces/${String(namespace)}`;
    const path = `${place}/${String(kind).toLowerCase()}s`;
    await post(sandbox, path, object);
    if (namespace === undefined) t.after(() => sandbox.request('DELETE', `${path}/${String(name)}`));
  }
}

/** The rules of a Role or ClusterRole. */
export function rulesOf(role: JsonObject): readonly Rule[] {
  return arrayOf(role.rules).map((rule) => {
    const texts = (key: string): readonly string[] => arrayOf(at(rule, key)).map(String);
    return { apiGroups: texts('apiGroups'), resources: texts('resources'), verbs: texts('verbs') };
  });
}

/** Each right of some rules by itself. */
export function singleRights(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ apiGroups: [group], resources: [resource], verbs: [verb] })),
      ),
    ),
  );
}
