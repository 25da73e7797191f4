import { PassThrough } from 'node:stream';
import type { Input } from '../../../src/model/input.ts';
import type { Change, ChangeOp, FieldChange, Plan, Target } from '../../../src/model/plan.ts';
import { createHost, type HostOptions, type TerminalHost } from '../../../src/ui/host.ts';
import type { Terminal } from '../../../src/ui/terminal.ts';
import { manifest } from '../manifests/helpers.ts';

export const target: Target = {
  application: 'shop',
  account: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/deployer/ci',
  region: 'eu-central-1',
  cluster: 'prod',
  server: 'https://ABC.gr7.eu-central-1.eks.amazonaws.com',
  version: 'v1.36.3',
  namespace: 'shop',
  connection: 'kubeconfig',
  namespaceState: 'exists',
};

export function input(name: string, value: Input['value'], secret = false): Input {
  return { name, value, secret, source: { kind: 'terraform', detail: `terraform output ${name}` } };
}

export function change(op: ChangeOp, kind: string, name: string, rest: Partial<Change> = {}): Change {
  const body = { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop' } };
  return { op, manifest: manifest(body, 3), fields: [], wave: 2, notes: [], handOver: false, force: false, ...rest };
}

export function field(path: string, before?: FieldChange['before'], after?: FieldChange['after']): FieldChange {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

export function planOf(changes: readonly Change[], findings: Plan['findings'] = []): Plan {
  return { target, waves: [{ number: 2, name: 'config', changes }], findings };
}

export interface Recorded {
  readonly host: TerminalHost;
  readonly out: () => string;
  readonly err: () => string;
}

/** No terminal, of the usual size: a pipe that nobody reads. */
export const pipe: Terminal = {
  writeOut: () => undefined,
  writeErr: () => undefined,
  columns: 80,
  rows: 24,
  outColumns: Number.POSITIVE_INFINITY,
  canRedraw: false,
  isOutFile: false,
  canDraw: false,
  reflows: true,
  watch: () => () => undefined,
  isInteractive: false,
  hasColor: false,
  hasOutColor: false,
  hasUnicode: false,
};

/** The options of a host of plain output that asks nobody. */
export function hostOptions(options: Partial<HostOptions>): HostOptions {
  return {
    output: 'plain',
    verbose: false,
    quiet: false,
    color: true,
    questions: new PassThrough(),
    answers: new PassThrough(),
    ...options,
  };
}

/** A host whose output is kept. */
export function recordedHost(options: Partial<HostOptions> = {}, terminal: Partial<Terminal> = {}): Recorded {
  let [out, err] = ['', ''];
  const host = createHost(
    {
      ...pipe,
      writeOut: (text) => void (out += text),
      writeErr: (text) => void (err += text),
      ...terminal,
    },
    hostOptions(options),
  );
  return { host, out: () => out, err: () => err };
}
