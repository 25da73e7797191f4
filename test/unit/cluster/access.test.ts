import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewAccess } from '../../../src/cluster/access.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { at, type Json, type JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { formatRight, type Right } from '../../../src/model/right.ts';

/** An API server with these rules and, beside them, an authorizer that allows these rights: as EKS access policies. */
function serverWith(rules: readonly JsonObject[], allows: (attributes: Json | undefined) => boolean) {
  const asked: string[] = [];
  const create = (body: KubernetesObject): ReturnType<Cluster['create']> => {
    const attributes = at(body, 'spec', 'resourceAttributes');
    asked.push(
      body.kind === 'SelfSubjectRulesReview'
        ? 'rules'
        : `${String(at(attributes, 'verb'))} ${String(at(attributes, 'resource'))}`,
    );
    const status = body.kind === 'SelfSubjectRulesReview' ? { resourceRules: rules } : { allowed: allows(attributes) };
    return Promise.resolve({ ok: true, object: { ...body, status }, warnings: [] });
  };
  return { asked, cluster: { create } as unknown as Cluster };
}

const right = (
  verb: string,
  resource: string,
  names: readonly string[] = [],
  namespace: string | undefined = 'shop',
): Right => ({
  verb,
  group: '',
  resource,
  names,
  ...(namespace === undefined ? {} : { namespace }),
});
const signal = new AbortController().signal;
const rule = (verbs: string, resources: string, resourceNames?: readonly string[]): JsonObject => ({
  verbs: [verbs],
  apiGroups: [''],
  resources: [resources],
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

async function missing(rules: readonly JsonObject[], ...rights: readonly Right[]): Promise<readonly string[]> {
  const { cluster } = serverWith(rules, () => false);
  return (await reviewAccess(rights, 'shop', cluster, signal)).missing.map(formatRight);
}

test('what rules cover is asked for once and for all', async () => {
  const { cluster, asked } = serverWith([rule('*', '*')], () => false);
  const rights = ['get', 'patch', 'list'].map((verb) => right(verb, 'secrets'));
  assert.deepEqual(await reviewAccess(rights, 'shop', cluster, signal), { missing: [] });
  assert.deepEqual(asked, ['rules']);
});

test('rules: verbs, resources, subresources, names', async () => {
  assert.deepEqual(await missing([rule('get', 'pods')], right('get', 'pods'), right('list', 'pods')), [
    'list pods in namespace shop',
  ]);
  assert.deepEqual(await missing([rule('get', 'pods')], right('get', 'pods/log')), ['get pods/log in namespace shop']);
  assert.deepEqual(await missing([rule('get', '*/log')], right('get', 'pods/log')), []);
  const named = [rule('get', 'secrets', ['a']), rule('get', 'secrets', ['b'])];
  assert.deepEqual(await missing(named, right('get', 'secrets', ['a', 'b'])), []);
  assert.deepEqual(await missing(named, right('get', 'secrets', ['a', 'c'])), ['get secrets in namespace shop']);
  assert.deepEqual(await missing(named, right('get', 'secrets')), ['get secrets in namespace shop']);
});

test('a rule does not tell whether it is for the whole cluster, or for another namespace: that is asked', async () => {
  const everything = [rule('*', '*')];
  const wide = { verb: 'create', group: '', resource: 'namespaces', names: [] };
  assert.deepEqual(await missing(everything, wide, right('get', 'pods', [], 'other')), [
    'create namespaces in the whole cluster',
    'get pods in namespace other',
  ]);
});

test('many open questions begin with the one for everything', async () => {
  const rights = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((resource) => right('get', resource));
  const admin = serverWith([], () => true);
  assert.deepEqual((await reviewAccess(rights, 'shop', admin.cluster, signal)).missing, []);
  assert.deepEqual(admin.asked, ['rules', '* *']);
  const some = serverWith([], (attributes) => at(attributes, 'resource') === 'a');
  assert.equal((await reviewAccess(rights, 'shop', some.cluster, signal)).missing.length, 6);
  assert.equal(some.asked.length, 2 + 7);
});

test('an API server that gives no answer: nothing is missing, and why is said', async () => {
  const failure = { status: 403, reason: 'Forbidden', message: 'no reviews here', causes: [] };
  const cluster = { create: () => Promise.resolve({ ok: false, failure }) } as unknown as Cluster;
  assert.deepEqual(await reviewAccess([right('get', 'pods')], 'shop', cluster, signal), {
    missing: [],
    unknown: '403: no reviews here',
  });
});
