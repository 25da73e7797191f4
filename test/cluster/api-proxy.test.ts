import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { type ProxiedRequest, type ProxyOptions, startApiProxy } from '../support/api-proxy.ts';
import { makeApp } from '../support/app.ts';

/** True for the first request only that `matches`; keeps which one it was. */
function onFirst(matches: (request: ProxiedRequest) => boolean): {
  readonly hit: (request: ProxiedRequest) => boolean;
  readonly found: () => ProxiedRequest;
} {
  let first: ProxiedRequest | undefined;
  return {
    hit(request) {
      if (first !== undefined || !matches(request)) return false;
      first = request;
      return true;
    },
    found: () => first ?? assert.fail('no request was the one'),
  };
}

const isWatch = ({ url }: ProxiedRequest): boolean => url.includes('watch=true');
const isWrite = ({ method, url }: ProxiedRequest): boolean => method === 'PATCH' && !url.includes('dryRun=All');

test('a plan and a deploy through the proxy are as without it, and their watches flow', async (t) => {
  const app = await makeApp(t);
  const answered: ProxiedRequest[] = [];
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    answered(request) {
      answered.push(request);
      return 'pass';
    },
  });
  assert.equal((await stat(proxy.kubeconfig)).mode & 0o777, 0o600);
  const through = ['--kubeconfig', proxy.kubeconfig];

  const [direct, proxied] = [await app.run('plan'), await app.run('plan', through)];
  assert.equal(proxied.code, direct.code, proxied.stdout);
  const planned = proxy.requests();
  assert.ok(planned.length > 0);
  assert.deepEqual(
    planned.map(({ number }) => number),
    planned.map((_, index) => index + 1),
  );
  assert.ok(!planned.some(isWrite));

  const up = await app.run('up', ['--yes', ...through]);
  assert.equal(up.code, 0, up.stdout);
  // A watch that doesn't flow is begun anew after 75 s: the deploy would take as long.
  const elapsedMs = Number(/"type":"ready".*?"elapsedMs":(\d+)/.exec(up.stdout)?.[1]);
  assert.ok(elapsedMs < 60_000, `${elapsedMs} ms`);
  // 5 objects, and the end of the record.
  assert.equal(proxy.requests().filter(isWrite).length, 6);
  assert.ok(answered.some(isWatch));

  assert.equal((await app.run('status', through)).code, (await app.run('status')).code);
});

const faults: Readonly<Record<string, ReturnType<NonNullable<ProxyOptions['before']>>>> = {
  'answered with 500': { status: 500, body: 'injected' },
  'answered with 429': { status: 429, headers: { 'retry-after': '1' } },
  cut: 'cut',
};

for (const [name, fault] of Object.entries(faults)) {
  test(`a read that is ${name} once is asked again`, async (t) => {
    const app = await makeApp(t);
    const first = onFirst(({ method, url }) => method === 'GET' && url.includes(app.namespace));
    const proxy = await startApiProxy(t, app.sandbox, app.folder, {
      before: (request) => (first.hit(request) ? fault : undefined),
    });
    const proxied = await app.run('plan', ['--kubeconfig', proxy.kubeconfig]);
    assert.equal(proxied.code, (await app.run('plan')).code, proxied.stdout);
    const { number, url } = first.found();
    assert.ok(!proxy.requests().some((request) => request.number === number));
    assert.ok(proxy.requests().some((request) => request.number > number && request.url === url));
  });
}

test('a write whose answer is dropped has happened, and is sent again', async (t) => {
  const app = await makeApp(t);
  const first = onFirst(isWrite);
  let stored: Promise<number> | undefined;
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    answered(request) {
      if (!first.hit(request)) return 'pass';
      stored = app.sandbox.request('GET', request.url.replace(/\?.*/, '')).then(({ status }) => status);
      return 'drop';
    },
  });
  const up = await app.run('up', ['--yes', '--kubeconfig', proxy.kubeconfig]);
  assert.equal(up.code, 0, up.stdout);
  assert.equal(await stored, 200);
  const { url } = first.found();
  assert.equal(proxy.requests().filter((request) => isWrite(request) && request.url === url).length, 2);
});

test('a closed proxy has nothing left to do, and takes no more requests', async (t) => {
  const app = await makeApp(t);
  const begun: ProxiedRequest[] = [];
  const ended: ProxiedRequest[] = [];
  let closed: Promise<void> | undefined;
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    before(request) {
      begun.push(request);
      // In the middle of the first write, and of whatever else is underway.
      if (isWrite(request)) closed ??= proxy.close();
      return undefined;
    },
    answered(request) {
      ended.push(request);
      return 'pass';
    },
  });
  const up = await app.run('up', ['--yes', '--kubeconfig', proxy.kubeconfig]);
  assert.notEqual(up.code, 0);
  await closed;
  const { length } = begun;
  assert.equal(ended.length, length);
  assert.notEqual((await app.run('plan', ['--kubeconfig', proxy.kubeconfig])).code, 0);
  assert.equal(begun.length, length);
});
