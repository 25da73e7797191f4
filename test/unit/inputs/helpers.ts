import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployEvent, Host, Question } from '../../../src/events.ts';
import { type Resolution, type ResolveRequest, resolveInputs } from '../../../src/inputs/resolve.ts';
import type { InputSpecs } from '../../../src/inputs/specs.ts';
import { createSurroundings, regionOutputsOf } from '../../../src/inputs/surroundings.ts';
import { wantedInputs } from '../../../src/inputs/wanted.ts';
import type { Input, Inputs } from '../../../src/model/input.ts';
import type { Scalar } from '../../../src/model/json.ts';
import { configOf } from '../../support/config.ts';

/** What a run with this configuration looks for, through the real schema, where the manifests use each input. */
export function specsWith(inputs: Readonly<Record<string, unknown>>, inSecrets: readonly string[] = []): InputSpecs {
  return wantedInputs(configOf({ inputs }), {
    names: new Map([...Object.keys(inputs), ...inSecrets].map((name) => [name, { file: 'k8s/app.yaml', line: 1 }])),
    inSecrets: new Set(inSecrets),
  });
}

export function requestWith(
  inputs: Readonly<Record<string, unknown>>,
  rest: Partial<ResolveRequest> = {},
): ResolveRequest {
  const readStdin = (): Promise<string> => Promise.resolve('');
  const regionOutputs = regionOutputsOf(configOf({ inputs }));
  return { specs: specsWith(inputs), directory: '/', set: [], env: {}, cwd: '/', readStdin, regionOutputs, ...rest };
}

/** Resolves inputs with what the request itself says of Terraform and AWS. */
export function resolveRequest(request: ResolveRequest, host: Host, signal: AbortSignal): Promise<Resolution> {
  return resolveInputs(request, createSurroundings(request, host, signal), host, signal);
}

export interface RecordingHost extends Host {
  readonly events: DeployEvent[];
  readonly questions: Question[];
  readonly redactors: ((text: string) => string)[];
}

/** A host that remembers what it was told, and answers questions from a list (no list: nobody can be asked). */
export function recordingHost(answers?: readonly string[]): RecordingHost {
  const events: DeployEvent[] = [];
  const questions: Question[] = [];
  const redactors: ((text: string) => string)[] = [];
  const left = [...(answers ?? [])];
  return {
    events,
    questions,
    redactors,
    canAsk: answers !== undefined,
    emit: (event) => void events.push(event),
    place: () => undefined,
    protect: (redact) => void redactors.push(redact),
    confirm: () => Promise.reject(new Error('unexpected question')),
    choose: () => Promise.reject(new Error('unexpected question')),
    text: (question) => {
      questions.push(question);
      const answer = left.shift();
      return answer === undefined ? Promise.reject(new Error('unexpected question')) : Promise.resolve(answer);
    },
  };
}

export function inputsOf(values: Readonly<Record<string, Scalar>>, secret: readonly string[] = []): Inputs {
  const entries = Object.entries(values).map(([name, value]): readonly [string, Input] => [
    name,
    { name, value, secret: secret.includes(name), source: { kind: 'env', detail: name } },
  ]);
  return new Map(entries);
}

/** Writes a file into a new folder and gives its path. */
export async function tempFile(name: string, text: string | Buffer, mode = 0o600): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'oms-inputs-')), name);
  await writeFile(path, text, { mode });
  return path;
}

export const never = new AbortController().signal;
