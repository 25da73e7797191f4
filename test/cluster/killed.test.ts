import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cleanUp } from '../../src/deploy/cleanup/cleanup.ts';
import { deploy } from '../../src/deploy/deploy.ts';
import { rollBack } from '../../src/deploy/rollback-release.ts';
import { arrayOf, at, type JsonObject, objectOf } from '../../src/model/json.ts';
import type { ProxiedRequest } from '../support/api-proxy.ts';
import { deployRequest } from '../support/carry-out.ts';
import { makeFolder } from '../support/cli.ts';
import { atOnce, type Blow, type Deed, endAtEach, historyOf, isWrite, type Site } from '../support/killing.ts';
import { getSandbox } from '../support/sandbox.ts';
import { silentHost } from '../support/silent-host.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

const sandbox = await getSandbox();

/** The folder of a version: a ConfigMap, a Secret and a Deployment that differ in all; the first has one object more. */
function makeVersion(t: TestContext, version: number): Promise<string> {
  const documents = [
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {version: "${version}"}\n`,
    `---\napiVersion: v1\nkind: Secret\nmetadata: {name: access}\nstringData: {version: "${version}"}\n`,
    deploymentYaml('web', { tag: String(version) }),
    version === 1 ? '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\ndata: {a: b}\n' : '',
  ];
  return makeFolder(t, { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents.join('') });
}

async function deployHere(folder: string, { namespace }: Site, kubeconfig = sandbox.kubeconfig): Promise<void> {
  const request = await deployRequest(folder, namespace, kubeconfig);
  await deploy(request, silentHost, AbortSignal.timeout(60_000));
}

async function liveObject({ namespace }: Site, path: string): Promise<JsonObject | undefined> {
  const { status, body } = await sandbox.request('GET', path.replace('NS', namespace));
  return status === 404 ? undefined : objectOf(body);
}

/** Everything that is there is of this version; the Secret may be of another one. */
async function checkVersion(site: Site, version: number, secretVersion = version): Promise<void> {
  const settings = await liveObject(site, '/api/v1/namespaces/NS/configmaps/settings');
  assert.equal(at(settings, 'data', 'version'), String(version));
  const access = await liveObject(site, '/api/v1/namespaces/NS/secrets/access');
  assert.equal(at(access, 'data', 'version'), Buffer.from(String(secretVersion)).toString('base64'));
  const web = await liveObject(site, '/apis/apps/v1/namespaces/NS/deployments/web');
  const [container] = arrayOf(at(web, 'spec', 'template', 'spec', 'containers'));
  assert.equal(at(container, 'image'), `example.com/web:${version}`);
  const { readyReplicas, updatedReplicas, replicas } = objectOf(at(web, 'status'));
  assert.deepEqual({ readyReplicas, updatedReplicas, replicas }, { readyReplicas: 1, updatedReplicas: 1, replicas: 1 });
  const old = await liveObject(site, '/api/v1/namespaces/NS/configmaps/old');
  assert.equal(old === undefined, version !== 1);
}

/** The releases, the oldest first. */
async function checkReleases(site: Site, expected: RegExp): Promise<void> {
  const releases = (await historyOf(site)).toReversed();
  assert.match(releases.map(({ action, status }) => `${action}: ${status}`).join(', '), expected);
}

/** Nothing was changed before it was written down, as the release of this number. */
async function checkRecorded(site: Site, requests: readonly ProxiedRequest[], number: number): Promise<void> {
  // The namespace comes first: record and lock are in it.
  const isOwn = /\/secrets(\?|\/oms-deploy\.)|\/leases|\/namespaces\/[^/]+\?/;
  const hasChanged = requests.some((request) => isWrite(request) && !isOwn.test(request.url));
  if (hasChanged) assert.equal((await historyOf(site))[0]?.number, number);
}

async function upDeed(t: TestContext): Promise<Deed> {
  const [before, after] = [await makeVersion(t, 1), await makeVersion(t, 2)];
  return {
    command: 'up',
    args: () => [],
    folder: after,
    isFirst: false,
    prepare: (site) => deployHere(before, site),
    checkEnded: (site, requests) => checkRecorded(site, requests, 2),
    again: (site, kubeconfig) => deployHere(after, site, kubeconfig),
    async check(site) {
      await checkVersion(site, 2);
      await checkReleases(site, /^up: deployed, (up: interrupted, )?up: deployed$/);
    },
  };
}

async function firstUpDeed(t: TestContext): Promise<Deed> {
  const folder = await makeVersion(t, 2);
  return {
    command: 'up',
    args: () => [],
    folder,
    isFirst: true,
    prepare: () => Promise.resolve(),
    checkEnded: (site, requests) => checkRecorded(site, requests, 1),
    again: (site, kubeconfig) => deployHere(folder, site, kubeconfig),
    async check(site) {
      await checkVersion(site, 2);
      await checkReleases(site, /^(up: interrupted, )?up: deployed$/);
    },
  };
}

/** A plain one, so that it has to find out by itself what it was about; Secrets keep the values that they have. */
async function rollbackDeed(t: TestContext): Promise<Deed> {
  const [before, after] = [await makeVersion(t, 1), await makeVersion(t, 2)];
  return {
    command: 'rollback',
    args: () => [],
    folder: after,
    isFirst: false,
    async prepare(site) {
      await deployHere(before, site);
      await deployHere(after, site);
    },
    checkEnded: (site, requests) => checkRecorded(site, requests, 3),
    async check(site) {
      await checkVersion(site, 1, 2);
      await checkReleases(site, /^up: deployed, up: deployed, (rollback to 1: interrupted, )?rollback to 1: deployed$/);
    },
    async again({ namespace }, kubeconfig) {
      const request = await deployRequest(after, namespace, kubeconfig);
      const place = { config: request.config, namespace, target: request.target };
      await rollBack({ ...request, place, to: 1, restoreSecrets: false }, silentHost, AbortSignal.timeout(60_000));
    },
  };
}

/** What is not ours stays, and so does the namespace; or all goes. */
async function cleanupDeed(t: TestContext, keepNamespace: boolean): Promise<Deed> {
  const folder = await makeVersion(t, 1);
  const foreign = '/api/v1/namespaces/NS/configmaps/foreign';
  return {
    command: 'cleanup',
    args: ({ namespace }) => ['--confirm', namespace, keepNamespace ? '--keep-namespace' : '--foreign'],
    folder,
    isFirst: !keepNamespace,
    async prepare(site) {
      await deployHere(folder, site);
      const path = foreign.replace('NS', site.namespace).replace(/\/foreign$/, '');
      await sandbox.request('POST', path, { metadata: { name: 'foreign' }, data: { a: 'b' } });
    },
    checkEnded: () => Promise.resolve(),
    async check(site) {
      if (!keepNamespace) {
        assert.equal(await liveObject(site, '/api/v1/namespaces/NS'), undefined);
        return;
      }
      assert.ok(await liveObject(site, foreign));
      assert.deepEqual(await historyOf(site), []);
      for (const path of ['api/v1/namespaces/NS/configmaps/settings', 'apis/apps/v1/namespaces/NS/deployments/web']) {
        assert.equal(await liveObject(site, `/${path}`), undefined, path);
      }
    },
    async again({ namespace }, kubeconfig) {
      const { config, target, lock, facts } = await deployRequest(folder, namespace, kubeconfig);
      const agreed = { yes: true, confirm: namespace, keepNamespace, foreign: true };
      const request = { ...agreed, withData: false, removeFinalizers: false, timeoutMs: 60_000, lock };
      const place = { config, namespace, target };
      await cleanUp({ ...request, place, author: facts.author }, silentHost, AbortSignal.timeout(60_000));
    },
  };
}

const together = { concurrency: atOnce };
const killedAfter: Blow = { signal: 'SIGKILL', when: 'answered', at: () => true };
/** Fewer requests, and a command wasn't ended where it matters. */
const fewest = 30;

test('up, killed after each of its requests: the next one goes on', together, async (t) => {
  assert.ok((await endAtEach(t, sandbox, await upDeed(t), killedAfter)) > fewest);
});

test('a first up, killed after each of its requests: the next one goes on', together, async (t) => {
  assert.ok((await endAtEach(t, sandbox, await firstUpDeed(t), killedAfter)) > fewest);
});

// Killed after its last request it would be over, and once more would go back again.
test('rollback, killed before each of its requests: the next one goes on to the same release', together, async (t) => {
  assert.ok((await endAtEach(t, sandbox, await rollbackDeed(t), { ...killedAfter, when: 'before' })) > fewest);
});

test('cleanup of the objects, killed after each of its requests: the next one goes on', together, async (t) => {
  assert.ok((await endAtEach(t, sandbox, await cleanupDeed(t, true), killedAfter)) > fewest);
});

test('cleanup of the namespace, killed after each of its requests: the next one goes on', together, async (t) => {
  assert.ok((await endAtEach(t, sandbox, await cleanupDeed(t, false), killedAfter)) > fewest);
});

test(
  'up, asked to stop at each of its writes: it leaves nothing open, and the next one goes on',
  together,
  async (t) => {
    assert.ok((await endAtEach(t, sandbox, await upDeed(t), { signal: 'SIGINT', when: 'before', at: isWrite })) > 10);
  },
);
