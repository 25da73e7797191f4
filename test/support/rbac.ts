import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import { arrayOf, at, type JsonObject, stringOf } from '../../src/model/json.ts';
import type { TestSandbox } from './sandbox.ts';

/** What somebody may do, as in a Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A kubeconfig for a ServiceAccount of this name that may do just this in a namespace. */
export async function restrictedKubeconfig(
  t: TestContext,
  sandbox: TestSandbox,
  namespace: string,
  rules: readonly Rule[],
  name = 'restricted',
): Promise<string> {
  const post = async (path: string, body: JsonObject): Promise<unknown> => {
    const answer = await sandbox.request('POST', path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await post(accounts, { metadata: { name } });
  await post(`${rbac}/roles`, { metadata: { name }, rules: rules.map((rule) => ({ ...rule })) });
  await post(`${rbac}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const token = stringOf(at(await post(`${accounts}/${name}/token`, { spec: {} }), 'status', 'token')) ?? '';
  const config = parse(await readFile(sandbox.kubeconfig, 'utf8')) as JsonObject;
  const user = stringOf(at(arrayOf(at(config, 'users'))[0], 'name')) ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'oms-rbac-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, stringify({ ...config, users: [{ name: user, user: { token } }] }), { mode: 0o600 });
  return file;
}
