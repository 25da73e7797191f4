import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { cacheDir } from '../../src/cache-dir.ts';
import { arrayOf, at, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { findAssets } from '../../src/sandbox/assets.ts';
import { moduleFiles } from '../../src/sandbox/binaries.ts';
import { buildKey } from '../../src/sandbox/build.ts';
import { schemaProblems } from './schema.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** The control plane that the cluster tests share: what `oms-deploy sandbox start` said of it. */
export interface TestSandbox {
  /** Its state folder. */
  readonly state: string;
  readonly kubeconfig: string;
  readonly server: string;
  readonly token: string;
  readonly ca: string;
  readonly auditLog: string;
  readonly control: string;
  request(method: string, path: string, body?: Json, contentType?: string): Promise<ApiAnswer>;
  /** A namespace of the test's own, deleted when the test ends. */
  createNamespace(prefix: string, t: TestContext): Promise<string>;
  /** What clients asked of the API server, oldest first, as far as `matches` says yes. */
  auditEvents(matches: (event: AuditEvent) => boolean): Promise<readonly AuditEvent[]>;
  /** The usage of each container of the pods with this prefix, as the metrics API reports it from now on. */
  setMetrics(usage: { namespace: string; podPrefix: string; cpu: string; memory?: string }): Promise<void>;
  /**
   * The status of a service's health checks, behind a WebSocket port-forward and from inside the cluster (exec); with
   * `path` of this path only. 200 makes it healthy again.
   */
  setHealth(health: { service: string; namespace?: string; path?: string; status: number }): Promise<void>;
  /**
   * Stops a component, leaves it down for `downMs` and starts it again; an API server is ready when this resolves. All
   * who use the sandbox feel it: call it on one of your own (`startOwnSandbox`).
   */
  restart(component: RestartableComponent, downMs?: number): Promise<void>;
}

type RestartableComponent = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
}

/** The fields of an audit event that tests read. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly namespace: string;
  readonly userAgent: string;
  readonly user: string;
  readonly code: number;
  /** RFC 3339 with microseconds, so that they compare as texts. */
  readonly receivedAt: string;
  readonly answeredAt: string;
}

/** The sandbox of the file that OMS_DEPLOY_TEST_SANDBOX names: the JSON result of `sandbox start`. */
export async function getSandbox(): Promise<TestSandbox> {
  const file = process.env['OMS_DEPLOY_TEST_SANDBOX'];
  assert.ok(file, 'OMS_DEPLOY_TEST_SANDBOX must name the result of `sandbox start`: run the tests with `npm test`.');
  return connectSandbox(objectOf(JSON.parse(await readFile(file, 'utf8'))));
}

/** The folder of the executables that the control plane runs: they are there, a sandbox runs of them. */
export async function controlPlaneBinaries(): Promise<string> {
  const named = process.env['OMS_DEPLOY_SANDBOX_BIN'];
  if (named !== undefined && named !== '') return named;
  const cache = cacheDir({ env: process.env, homeDir: homedir() });
  return join(cache, 'control-plane', await buildKey(moduleFiles(findAssets().controlPlaneDir)));
}

/**
 * A sandbox of the test's own, for faults that the whole cluster feels; stopped when the test ends. `binaries` are others
 * than those of the control plane, `more` are flags of `sandbox start`.
 */
export async function startOwnSandbox(
  t: { after(end: () => Promise<void>): void },
  binaries?: string,
  more: readonly string[] = [],
): Promise<TestSandbox> {
  const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-sandbox-'));
  const dir = join(parent, 'state');
  t.after(async () => {
    await sandboxCommand('stop', dir);
    await rm(parent, { recursive: true, force: true });
  });
  return connectSandbox(await sandboxCommand('start', dir, more, binaries));
}

/** Runs `oms-deploy sandbox` from source and returns its result. What it starts ends with this process. */
export async function sandboxCommand(
  action: 'start' | 'stop' | 'status' | 'image',
  dir: string,
  more: readonly string[] = [],
  binaries?: string,
): Promise<JsonObject> {
  const args = ['--import', 'tsx', main, 'sandbox', action, '--state', dir, '--output', 'json', ...more];
  const owner = action === 'start' ? ['--owner-pid', String(process.pid)] : [];
  const own = binaries === undefined ? {} : { OMS_DEPLOY_SANDBOX_BIN: binaries };
  const { stdout } = await run(process.execPath, [...args, ...owner], { env: { ...process.env, ...own } });
  const last = objectOf(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}'));
  assert.equal(schemaProblems(last), '', JSON.stringify(last));
  // The result's fields lie beside `type` or below `data`.
  return { ...last, ...objectOf(last['data']) };
}

/** The helpers for a sandbox by the data of its start result. */
export async function connectSandbox(data: JsonObject): Promise<TestSandbox> {
  const text = (name: string): string => stringOf(data[name]) ?? assert.fail(`the start result lacks ${name}`);
  const config: Json = parse(await readFile(text('kubeconfig'), 'utf8'));
  const ca64 = stringOf(at(arrayOf(at(config, 'clusters'))[0], 'cluster', 'certificate-authority-data')) ?? '';
  const token = stringOf(at(arrayOf(at(config, 'users'))[0], 'user', 'token')) ?? '';
  const ca = Buffer.from(ca64, 'base64').toString('utf8');
  // The API server ends idle connections after 90 s: they are given up before, so that no request meets such an end.
  const agent = new Agent({ ca, keepAlive: true, timeout: 30_000 });
  const base = {
    state: text('state'),
    kubeconfig: text('kubeconfig'),
    server: text('server'),
    auditLog: text('auditLog'),
    control: text('control'),
  };
  const request: TestSandbox['request'] = (method, path, body, contentType = 'application/json') =>
    send(agent, `${base.server}${path}`, method, token, body, contentType);
  return {
    ...base,
    token,
    ca,
    request,
    createNamespace: (prefix, t) => createNamespace(prefix, t, request),
    auditEvents: async (matches) => (await readAudit(base.auditLog)).filter(matches),
    setMetrics: (usage) => putControl(`${base.control}/control/metrics`, usage),
    setHealth: (health) => putControl(`${base.control}/control/health`, health),
    restart: (component, downMs = 0) => putControl(`${base.control}/control/restart`, { component, downMs }),
  };
}

function send(
  agent: Agent,
  url: string,
  method: string,
  token: string,
  body: Json | undefined,
  contentType: string,
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': contentType, 'user-agent': 'oms-deploy-test' };
    const sent = httpsRequest(url, { agent, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        // A watch answers with a JSON object a line: its text is for the test to read.
        const json = answer.headers['content-type']?.includes('json') === true && !url.includes('watch=true');
        resolve({ status: answer.statusCode ?? 0, body: json ? JSON.parse(text) : text });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

async function createNamespace(prefix: string, t: TestContext, request: TestSandbox['request']): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const answer = await request('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  // A sandbox of the test's own may be gone by then.
  t.after(() => request('DELETE', `/api/v1/namespaces/${name}`).catch(() => undefined));
  return name;
}

async function readAudit(file: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line) => {
    if (line === '') return [];
    const event: Json = JSON.parse(line);
    const text = (...path: readonly string[]): string => stringOf(at(event, ...path)) ?? '';
    return {
      verb: text('verb'),
      requestURI: text('requestURI'),
      namespace: text('objectRef', 'namespace'),
      userAgent: text('userAgent'),
      user: text('user', 'username'),
      code: Number(at(event, 'responseStatus', 'code') ?? 0),
      receivedAt: text('requestReceivedTimestamp'),
      answeredAt: text('stageTimestamp'),
    };
  });
}

async function putControl(url: string, body: JsonObject): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  assert.equal(answer.status, 204, await answer.text());
}

/** Asks again every 50 ms until `probe` returns something; fails with what `describe` says after `timeoutMs`. */
export async function eventually<T>(
  probe: () => Promise<T | undefined>,
  describe: () => string,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) assert.fail(describe());
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
