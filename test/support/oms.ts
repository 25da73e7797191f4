import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { arrayOf, type Json, objectOf } from '../../src/model/json.ts';
import { type CliOptions, type CliResult, makeFolder, runCli } from './cli.ts';
import { getSandbox, type TestSandbox } from './sandbox.ts';

/** What Terraform says of the OMS, recorded. */
export const omsOutputs = fileURLToPath(new URL('../fixtures/terraform/oms/outputs.json', import.meta.url));

/** Its services, by the names of their workloads and images. */
export const omsServices = ['market-data', 'order-ingestion', 'order-processor', 'risk-engine'];

/** Printable, and hostile to URIs and YAML; nothing else in a run looks like it. */
export const omsPassword = "cAnAry:/@%1 '#&{x}";

const given = { account_id: '123456789012', region: 'us-east-1', dns_suffix: 'amazonaws.com' };

/** What AWS would say. */
export const omsEnv: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(given).map(([name, value]) => [`OMS_INPUT_AWS_${name.toUpperCase()}`, value]),
);

/** A secrets file for the OMS. */
export const omsSecrets = JSON.stringify({ documentdb_username: 'oms@app', documentdb_password: omsPassword });

/** The built-in application in the sandbox, in a namespace of the test's own. */
export interface Oms {
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly folder: string;
  /** The cluster, the namespace and the inputs. */
  readonly flags: readonly string[];
  up(...args: readonly string[]): Promise<CliResult>;
  /** Another command, with `--output json`. */
  run(command: string, args: readonly string[], options?: CliOptions): Promise<CliResult>;
  list(path: string): Promise<readonly Json[]>;
}

/**
 * The built-in application, with Terraform's recorded outputs, in a namespace that doesn't exist yet: of the shared sandbox,
 * or of the test's own.
 */
export async function makeOms(t: TestContext, own?: TestSandbox): Promise<Oms> {
  const sandbox = own ?? (await getSandbox());
  const namespace = `oms-${randomBytes(4).toString('hex')}`;
  // A sandbox of the test's own may be gone by then.
  t.after(() => sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => undefined));
  const folder = await makeFolder(t, { 'secrets.json': omsSecrets });
  const place = ['--kubeconfig', sandbox.kubeconfig, '--namespace', namespace];
  const inputs = ['--outputs-file', omsOutputs, '--secrets-file', join(folder, 'secrets.json')];
  return {
    sandbox,
    namespace,
    folder,
    flags: [...place, ...inputs],
    up: (...args) => runCli(['up', ...place, ...inputs, '--yes', ...args], { env: omsEnv, cwd: folder }),
    run: (command, args, options = {}) =>
      runCli([command, ...place, '--output', 'json', ...args], { cwd: folder, ...options }),
    list: async (path) => arrayOf(objectOf((await sandbox.request('GET', path.replace('NS', namespace))).body).items),
  };
}
