import type { Scalar } from './json.ts';

/** Which place gave an input its value. */
export type SourceKind = 'terraform' | 'aws' | 'env' | 'file' | 'flag' | 'prompt' | 'config' | 'default' | 'composed';

/** The source of an input; `detail` names the output, variable, file or call. */
export interface Source {
  readonly kind: SourceKind;
  readonly detail: string;
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
