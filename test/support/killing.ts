import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { at as valueAt } from '../../src/model/json.ts';
import { labels, leaseRef, type Place } from '../../src/releases/place.ts';
import { listReleases, readWholeRelease } from '../../src/releases/read-records.ts';
import { type ProxiedRequest, startApiProxy } from './api-proxy.ts';
import { type CliResult, runCli } from './cli.ts';
import type { TestSandbox } from './sandbox.ts';
import { connectTo } from './target.ts';

/** A command that is ended at each of its requests in turn, and then run again. */
export interface Deed {
  readonly command: string;
  args(site: Site): readonly string[];
  /** Where it is run: the folder of the configuration. */
  readonly folder: string;
  /** The namespace isn't there before. */
  readonly isFirst: boolean;
  /** Brings about what is there before. */
  prepare(site: Site): Promise<void>;
  /** What must be there once it has been ended, after these requests. */
  checkEnded(site: Site, requests: readonly ProxiedRequest[]): Promise<void>;
  /** What must be there once the command has been run again. */
  check(site: Site): Promise<void>;
  /** Once more, in this process and with this kubeconfig: then it has nothing to do. */
  again(site: Site, kubeconfig: string): Promise<unknown>;
}

/** How it is ended: by which signal, at which of its requests, and whether before or after the API server gets it. */
export interface Blow {
  readonly signal: 'SIGKILL' | 'SIGINT';
  readonly at: (request: ProxiedRequest) => boolean;
  readonly when: 'before' | 'answered';
}

/** Where it happens: a namespace of its own. */
export interface Site {
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly place: Place;
}

/**
 * How long a lock lasts here, and how often it is read at most by who waits it out: see lock.ts. Its clock is that of
 * the API server's answers, cut to seconds: one second is granted for that, and one more can pass before it shows.
 */
const lockSeconds = 1;
const mostLockReads = 2 + (lockSeconds + 2) / 0.5 + 2;

/** So many of them are ended at the same time. */
export const atOnce = 8;

/** No command here has so many requests. */
const most = 200;

/**
 * Ends the command at its first request, its second, and so on until it is over before that: each time in a namespace of
 * its own. Resolves to how many they were. `t` must allow `atOnce` subtests at once.
 */
export async function endAtEach(t: TestContext, sandbox: TestSandbox, deed: Deed, blow: Blow): Promise<number> {
  let next = 1;
  const over: number[] = [];
  const work = async (): Promise<void> => {
    while (over.length === 0 && next < most) {
      const number = next;
      next += 1;
      await t.test(`${blow.when} ${number}`, async (own) => {
        if (!(await endAt(own, sandbox, deed, blow, number))) over.push(number - 1);
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  assert.ok(over.length > 0, `it was never over before it had been ended, in ${next} runs`);
  return Math.min(...over);
}

/** False where the command was over before this request. */
async function endAt(
  t: TestContext,
  sandbox: TestSandbox,
  deed: Deed,
  { signal, at, when }: Blow,
  number: number,
): Promise<boolean> {
  const site = await makeSite(t, sandbox, deed);
  let kill: ((signal: NodeJS.Signals) => void) | undefined;
  let count = 0;
  let struck: ProxiedRequest | undefined;
  const strike = (request: ProxiedRequest): boolean => {
    if (kill === undefined || !at(request)) return false;
    count += 1;
    if (count !== number) return false;
    struck = request;
    kill(signal);
    return true;
  };
  const proxy = await startApiProxy(t, sandbox, deed.folder, {
    before: (request) => (when === 'before' && strike(request) && signal === 'SIGKILL' ? 'cut' : undefined),
    answered: (request) => (when === 'answered' && strike(request) && signal === 'SIGKILL' ? 'drop' : 'pass'),
  });
  const run = (args: readonly string[], onStart?: (handle: NonNullable<typeof kill>) => void): Promise<CliResult> =>
    runCli(
      [
        deed.command,
        ...args,
        ...['--kubeconfig', proxy.kubeconfig, '--namespace', site.namespace],
        ...['--lock-duration', `${lockSeconds}s`, '--yes', '--output', 'json'],
      ],
      { cwd: deed.folder, ...(onStart === undefined ? {} : { onStart }) },
    );

  const first = await run(deed.args(site), (handle) => {
    kill = handle;
  });
  kill = undefined;
  // A watch may come so late that its run is over without it.
  if (struck === undefined || (signal === 'SIGKILL' && first.code === 0)) {
    assert.equal(first.code, 0, first.stdout + first.stderr);
    return false;
  }
  t.diagnostic(`${struck.method} ${struck.url}`);
  if (signal === 'SIGKILL') assert.equal(first.signal, signal, first.stdout);
  else await checkEnding(site, first);
  await deed.checkEnded(site, proxy.requests());
  // Where it has written nothing yet, the next one finds what the first one found: shown once is enough.
  if (number > 1 && !proxy.requests().some(isWrite)) return true;

  const seen = proxy.requests().length;
  const second = await run(deed.args(site));
  assert.equal(second.code, 0, second.stdout + second.stderr);
  const repeated = proxy.requests().slice(seen);
  checkLockReads(site, repeated, second, signal);
  // Where nothing was left to do, the dead one's lock was left alone, too.
  if (repeated.some(isWrite)) assert.equal(await lockHolder(site), '');
  await checkHistory(site);
  await deed.check(site);

  const done = proxy.requests().length;
  await deed.again(site, proxy.kubeconfig);
  assert.deepEqual(proxy.requests().slice(done).filter(isWrite), []);
  return true;
}

async function makeSite(t: TestContext, sandbox: TestSandbox, deed: Deed): Promise<Site> {
  const missing = `killed-${randomBytes(4).toString('hex')}`;
  const namespace = deed.isFirst ? missing : await sandbox.createNamespace('killed', t);
  if (deed.isFirst) t.after(() => sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`));
  const cluster = connectTo(sandbox.kubeconfig);
  t.after(() => cluster.close());
  const site = { sandbox, namespace, place: { cluster, application: 'web', namespace } };
  await deed.prepare(site);
  return site;
}

/** True for what changes something; which rights one has is asked by a POST that doesn't. */
export function isWrite({ method, url }: ProxiedRequest): boolean {
  return method !== 'GET' && !url.includes('dryRun=All') && !url.includes('/apis/authorization.k8s.io/');
}

/** Who was asked to end says so, gives the lock back and leaves no record open; or was over already. */
async function checkEnding(site: Site, run: CliResult): Promise<void> {
  assert.equal(run.signal, null);
  assert.ok(run.code === 130 || run.code === 0, run.stdout + run.stderr);
  assert.equal(await lockHolder(site), '');
  const statuses = (await historyOf(site)).map(({ status }) => status);
  assert.ok(!statuses.includes('deploying'), statuses.join());
}

/** A dead run's lock is waited out, not longer; one that was given back isn't waited for. */
function checkLockReads(site: Site, requests: readonly ProxiedRequest[], run: CliResult, signal: Blow['signal']): void {
  const lease = `/leases/${leaseRef(site.place).name}`;
  const reads = requests.filter(({ method, url }) => method === 'GET' && url.endsWith(lease));
  assert.ok(reads.length <= mostLockReads, `the lock was read ${reads.length} times`);
  if (signal !== 'SIGKILL') assert.doesNotMatch(run.stdout, /Waiting for the lock/);
}

/** Who holds the lock; empty where nobody does. */
async function lockHolder({ place }: Site): Promise<string> {
  const lease = await place.cluster.get(leaseRef(place), AbortSignal.timeout(10_000));
  return String(valueAt(lease, 'spec', 'holderIdentity') ?? '');
}

export function historyOf({ place }: Site): ReturnType<typeof listReleases> {
  return listReleases(place, AbortSignal.timeout(10_000));
}

/** Every record is whole, says the same everywhere, and isn't open; the newest is good. */
async function checkHistory(site: Site): Promise<void> {
  const { place } = site;
  const signal = AbortSignal.timeout(10_000);
  const releases = await historyOf(site);
  const secrets = { apiVersion: 'v1', kind: 'Secret', namespace: place.namespace };
  const records = await place.cluster.listMetadata(secrets, { [labels.application]: place.application }, signal);
  const labelsOf = (kind: string) =>
    records.map(({ metadata }) => metadata.labels ?? {}).filter((own) => own[labels.record] === kind);
  const numbers = releases.map(({ number }) => String(number));
  assert.equal(new Set(numbers).size, numbers.length, numbers.join());
  assert.deepEqual(
    labelsOf('release')
      .map((own) => `${own[labels.release]} ${own[labels.status]}`)
      .toSorted(),
    releases.map(({ number, status }) => `${number} ${status}`).toSorted(),
  );
  assert.ok(labelsOf('part').every((own) => numbers.includes(own[labels.release] ?? '')));
  for (const { number, status } of releases) {
    const release = await readWholeRelease(place, number, signal);
    assert.equal(release?.status, status);
    assert.ok(status === 'deployed' || status === 'interrupted', status);
  }
  if (releases.length > 0) assert.equal(releases[0]?.status, 'deployed');
}
