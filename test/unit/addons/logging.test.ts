import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at, isObject, type JsonObject, stringOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { findingIds, makeFolder, resultOf, runCli } from '../../support/cli.ts';
import { parseConfig, type Section, sectionOf } from './fluent-bit-config.ts';
import { deployment, find, rendered } from './helpers.ts';

const given = ['--set', 'cluster_name=prod', '--set', 'aws_region=eu-central-1'];
const args = ['-f', 'k8s', '-n', 'shop', '--with', 'logging', ...given];

async function logging(
  t: Parameters<typeof makeFolder>[0],
  more: readonly string[] = [],
): Promise<readonly KubernetesObject[]> {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const { objects, stderr, code } = await rendered(folder, [...args, ...more]);
  assert.equal(code, 0, stderr);
  return objects.filter(({ metadata }) => metadata.labels?.['app'] !== 'web');
}

function only(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const [found, ...more] = objects.filter((one) => one.kind === kind);
  assert.ok(found !== undefined && more.length === 0, `not one ${kind}`);
  return found;
}

function configIn(objects: readonly KubernetesObject[]): readonly Section[] {
  return parseConfig(stringOf(at(only(objects, 'ConfigMap'), 'data', 'fluent-bit.conf')) ?? '');
}

test('Fluent Bit sends the logs of the one namespace to the group of the cluster', async (t) => {
  const sections = configIn(await logging(t));
  assert.deepEqual(
    sections.map(({ name }) => name),
    ['service', 'input', 'filter', 'output'],
  );
  const [input, filter, output] = ['input', 'filter', 'output'].map((name) => sectionOf(sections, name));
  assert.equal(input?.get('path'), '/var/log/containers/*_shop_*.log');
  assert.equal(input?.get('multiline.parser'), 'docker, cri');
  assert.deepEqual(
    ['region', 'log_group_name', 'log_retention_days'].map((key) => output?.get(key)),
    ['eu-central-1', '/aws/containerinsights/prod/application', '30'],
  );
  // What one section says of another.
  const tag = input?.get('tag') ?? '';
  assert.deepEqual([filter?.get('match'), output?.get('match')], [tag, tag]);
  assert.equal(filter?.get('kube_tag_prefix'), `${tag.replace('*', '')}var.log.containers.`);
  assert.equal(input?.get('storage.type'), 'filesystem');
  assert.match(output?.get('storage.total_limit_size') ?? '', /^\d+M$/);
});

test('its files are where the pod has room for them, and it ends before the pod is killed', async (t) => {
  const objects = await logging(t);
  const sections = configIn(objects);
  const pod = at(only(objects, 'DaemonSet'), 'spec', 'template', 'spec');
  const [container] = arrayOf(at(pod, 'containers'));
  const mounts = arrayOf(at(container, 'volumeMounts')).filter(isObject);
  const mountOf = (path: string): JsonObject | undefined =>
    mounts.find(({ mountPath }) => path.startsWith(`${stringOf(mountPath) ?? ''}/`));
  const service = sectionOf(sections, 'service');
  const input = sectionOf(sections, 'input');
  assert.notEqual(mountOf(input.get('path') ?? '')?.['readOnly'], undefined);
  for (const path of [service.get('storage.path'), input.get('db')]) {
    const mount = mountOf(path ?? '');
    assert.ok(mount !== undefined && mount['readOnly'] === undefined, `${path ?? ''} can't be written`);
  }
  const [file = ''] = arrayOf(at(container, 'args')).map((one) => stringOf(one)?.replace('--config=', ''));
  assert.equal(mountOf(file)?.['name'], 'config');
  assert.ok(Number(service.get('grace')) < Number(at(pod, 'terminationGracePeriodSeconds')));
});

test('what may be otherwise: the role, the retention, the version', async (t) => {
  const plain = await logging(t);
  const role = (objects: readonly KubernetesObject[]): string | undefined =>
    only(objects, 'ServiceAccount').metadata.annotations?.['eks.amazonaws.com/role-arn'];
  assert.equal(only(plain, 'ServiceAccount').metadata.annotations, undefined);
  const image = stringOf(
    at(arrayOf(at(only(plain, 'DaemonSet'), 'spec', 'template', 'spec', 'containers'))[0], 'image'),
  );
  assert.match(image ?? '', /^public\.ecr\.aws\/aws-observability\/aws-for-fluent-bit:\d+\.\d+\.\d+$/);

  const arn = 'arn:aws:iam::123456789012:role/logs';
  const other = await logging(t, ['--set', `log_role_arn=${arn}`, '--set', 'log_retention_days=7']);
  assert.equal(role(other), arn);
  assert.equal(sectionOf(configIn(other), 'output').get('log_retention_days'), '7');
});

test('days that CloudWatch would refuse are told before anything is written', async (t) => {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
  const run = await runCli(['render', ...args, '--set', 'log_retention_days=31', '--output', 'json'], { cwd: folder });
  assert.equal(run.code, 3);
  assert.deepEqual(findingIds(run), ['addons/input']);
  assert.match(
    JSON.stringify(resultOf(run)),
    /log_retention_days of the add-on logging can't be \\"31\\".*one of 1, 3, 5/,
  );
});

test('nothing of it is shared by two applications, or by one in two namespaces, but their namespace', async (t) => {
  const files = {
    'k8s/web.yaml': deployment,
    'oms-deploy.yaml': 'application: web\nnamespace: web\nmanifests: [k8s]\n',
  };
  const folder = await makeFolder(t, files);
  const namesIn = async (more: readonly string[]): Promise<readonly string[]> => {
    const { objects, stderr } = await rendered(folder, ['--with', 'logging', ...given, ...more]);
    assert.ok(find(objects, 'Namespace', 'amazon-cloudwatch') !== undefined, stderr);
    return objects
      .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.labels?.['app'] === 'fluent-bit')
      .map(({ kind, metadata }) => `${kind} ${metadata.name ?? ''}`);
  };
  const [first, second] = [await namesIn([]), await namesIn(['-n', 'web-staging'])];
  assert.equal(first.length, 5);
  assert.deepEqual(
    first.filter((name) => second.includes(name)),
    [],
  );
  assert.ok(first.every((name) => name.includes('web')));
});

test('its role reads pods and namespaces, and nothing else', async (t) => {
  const objects = await logging(t);
  assert.deepEqual(at(only(objects, 'ClusterRole'), 'rules'), [
    { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['get', 'list', 'watch'] },
  ]);
  const namespace = only(objects, 'Namespace');
  assert.equal(namespace.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'privileged');
});
