import type { Scalar } from './json.ts';

/** Which place gave an input its value. */
export type SourceKind =
  | 'terraform'
  | 'aws'
  | 'secretsmanager'
  | 'ssm'
  | 'env'
  | 'file'
  | 'flag'
  | 'prompt'
  | 'config'
  | 'default'
  | 'composed';

/** The source of an input; `detail` names the output, variable, file, secret or call. */
export interface Source {
  readonly kind: SourceKind;
  readonly detail: string;
}

const byHand: ReadonlySet<SourceKind> = new Set(['flag', 'env', 'file', 'prompt']);

/** Whether somebody has given it for this run: it stands in for the place that the configuration names. */
export function isByHand({ kind }: Source): boolean {
  return byHand.has(kind);
}

/** A named value for placeholders. A `secret` one is never printed. */
export interface Input {
  readonly name: string;
  readonly value: Scalar;
  readonly secret: boolean;
  readonly source: Source;
}

/** All inputs of a run, by name. */
export type Inputs = ReadonlyMap<string, Input>;

/** The value of an input as people and machines may see it, on one line. */
export function shownValue({ value, secret }: Input): string {
  return secret ? '****' : String(value).replaceAll('\n', '\\n');
}

/** Where an input came from, as `terraform output redis_endpoint`: the kind isn't said twice. */
export function shownSource({ kind, detail }: Source): string {
  return detail.startsWith(kind) ? detail : `${kind} ${detail}`.trim();
}

/** These are no inputs that anybody gives: every run knows them. */
export const builtIns: ReadonlySet<string> = new Set(['namespace', 'application']);
