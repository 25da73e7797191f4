import type { Caller } from '../aws/caller.ts';
import { throwIfInterrupted } from '../errors.ts';
import type { Host } from '../events.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import { callerOnce } from './caller-once.ts';
import { composeInputs } from './compose.ts';
import { type Found, readGiven } from './given.ts';
import { knownByRegion } from './known-region.ts';
import { missingInput, strangeFile } from './missing.ts';
import { envNameOf } from './names.ts';
import { hasFailed, placeFindings, type Sought, withNeed } from './needs.ts';
import { redactor } from './redact.ts';
import { type Places, type Search, searchSources } from './sources.ts';
import type { InputSpec, InputSpecs } from './specs.ts';
import type { Surroundings, SurroundingsRequest } from './surroundings.ts';
import { checkSecret, looksSecret, undeclaredSecret } from './values.ts';

/** What a run knows before it has inputs: which are wanted, the flags, the outside world. */
export interface ResolveRequest extends SurroundingsRequest {
  readonly specs: InputSpecs;
  /** The folder of the configuration, where the paths of files begin. */
  readonly directory: string;
  /** `name=value`, as typed after each `--set`. */
  readonly set: readonly string[];
  readonly secretsFile?: string | undefined;
  /** The add-ons that would have an input which this run doesn't know. */
  readonly addonsWith?: (input: string) => Promise<readonly string[]>;
  /** The inputs for which `--tag` would do; asked only where one has no value. */
  readonly ofTag?: () => ReadonlySet<string>;
}

/** The inputs of a run. With an error among `findings` they are incomplete, and nothing may be deployed. */
export interface Resolution {
  readonly inputs: Inputs;
  readonly findings: readonly Finding[];
  /** Inputs without a value of which a finding says why: `--set` was refused, the secrets file was not read. */
  readonly explained: ReadonlySet<string>;
  /** Present only if an input needed AWS. */
  readonly caller?: Caller;
}

/** What one run has learnt about its inputs so far. */
interface State {
  readonly inputs: Map<string, Input>;
  readonly findings: Finding[];
}

/**
 * Gives every wanted input its value: `--set`, `OMS_INPUT_<NAME>`, `--secrets-file`, the configured sources in
 * order, the default, and last a question on a terminal; then the composed ones. All that is wrong comes back at once as
 * findings. Questions are asked only when nothing else is wrong: nobody types a password into a run that must fail.
 * From then on the host hides the secret values. Throws DeployError('interrupted'), and what `host.text` throws.
 */
export async function resolveInputs(
  request: ResolveRequest,
  surroundings: Surroundings,
  host: Host,
  signal: AbortSignal,
): Promise<Resolution> {
  const given = await readGiven(request);
  const terraform = await surroundings.outputs();
  const aws = callerOnce(request.specs, given, surroundings);
  const places = {
    terraform,
    askCaller: aws.ask,
    stored: surroundings,
    env: request.env,
    directory: request.directory,
  };
  const state: State = { inputs: new Map(), findings: [...given.findings] };
  const open: Sought[] = [];
  const others: Sought[] = [];
  for (const [name, spec] of Object.entries(request.specs)) {
    throwIfInterrupted(signal);
    const byHand = given.values.get(name) ?? knownByRegion(spec, request, given);
    const search = await find(spec, byHand, places);
    if (search.found !== undefined) take(state, name, spec, search.found);
    const isOpen = search.found === undefined && spec.compose === undefined && isWanted(spec, search);
    (isOpen && !given.refused.has(name) ? open : others).push({ name, spec, search });
  }
  // Whatever is secret and has no value may stand in the file that could not be read.
  const inFile = Object.entries(request.specs)
    .filter(([name, spec]) => given.unreadFile !== undefined && spec.secret && !state.inputs.has(name))
    .filter(([name, spec]) => spec.isUndeclared === true || open.some((input) => input.name === name))
    .map(([name]) => name);
  const isUnread = ({ name, search }: Sought): boolean => search.unread.length > 0 || inFile.includes(name);
  const toAsk = open.filter((input) => !isUnread(input) && canBeAsked(input.spec, host));
  const waiting = open.filter((input) => isUnread(input) || (hasFailed(input) && !toAsk.includes(input)));
  const missing = open.filter((input) => !waiting.includes(input) && !toAsk.includes(input));
  const usesSecretsFile = request.secretsFile !== undefined;
  const ofTag = missing.length === 0 ? undefined : request.ofTag?.();
  state.findings.push(
    ...strangeFile(missing, request.specs, terraform),
    ...placeFindings({ waiting, toAsk, others }, terraform.findings, aws.findings()),
    ...(given.unreadFile === undefined ? [] : [withNeed(given.unreadFile, inFile)]),
    ...missing.map(({ name, spec, search }) => {
      const givenNotes = given.notes.get(name) ?? [];
      const byTag = ofTag?.has(name) === true;
      return missingInput({ name, spec, search, terraform, givenNotes, usesSecretsFile, byTag });
    }),
  );
  if (errorsOf(state.findings).length === 0) await askFor(toAsk, state, host, signal);
  const composed = composeInputs(request.specs, state.inputs);
  const inputs = inOrder(request.specs, composed.inputs);
  host.protect(redactor(inputs));
  const caller = aws.caller();
  return {
    inputs,
    findings: [...state.findings, ...composed.findings],
    explained: new Set([...given.refused, ...inFile]),
    ...(caller === undefined ? {} : { caller }),
  };
}

/** An optional input may be absent, but a list where a value should be is a mistake in the configuration. */
function isWanted(spec: InputSpec, search: Search): boolean {
  return !spec.optional || search.refused === 'type';
}

/** An optional input is never asked for: pressing Enter at the same question in every run teaches nobody anything. */
function canBeAsked(spec: InputSpec, host: Host): boolean {
  return host.canAsk && spec.prompt !== undefined && !spec.optional;
}

async function find(spec: InputSpec, byHand: Found | undefined, places: Places): Promise<Search> {
  if (byHand !== undefined) return { found: byHand, notes: [], unread: [], failures: [], absences: [] };
  const search = await searchSources(spec, places);
  if (search.found !== undefined || spec.default === undefined || spec.compose !== undefined) return search;
  const source = { kind: 'default', detail: 'configuration' } as const;
  return { ...search, found: { value: spec.default, source } };
}

function take(state: State, name: string, spec: InputSpec, found: Found): void {
  const isUndeclared = !spec.secret && looksSecret(name, found);
  const secret = spec.secret || isUndeclared || (found.isSecret === true && spec.isPublic !== true);
  if (isUndeclared) state.findings.push(undeclaredSecret(name, found));
  if (secret) state.findings.push(...checkSecret(name, found, spec));
  state.inputs.set(name, { name, value: found.value, secret, source: found.source });
}

async function askFor(open: readonly Sought[], state: State, host: Host, signal: AbortSignal): Promise<void> {
  const failures = open.flatMap(({ search }) => [...search.failures, ...search.absences]);
  for (const cause of new Set(failures.map((finding) => finding.cause)))
    host.emit({ type: 'step', name: 'inputs', message: cause });
  for (const { name, spec } of open) {
    const { secret, prompt: message = name } = spec;
    const flag = secret ? envNameOf(name) : `--set ${name}=VALUE`;
    const typed = await host.text({ type: 'text', message, secret, flag }, signal);
    const value = secret ? typed : typed.trim();
    if (value.trim() === '') {
      const fix = `Run the command again and type one, or set ${envNameOf(name)}.`;
      state.findings.push(errorFinding('inputs/empty', `Nothing was typed for the input ${name}.`, fix));
    } else take(state, name, spec, { value, source: { kind: 'prompt', detail: 'typed' } });
  }
}

function inOrder(specs: InputSpecs, inputs: Inputs): Inputs {
  const ordered = new Map<string, Input>();
  for (const name of Object.keys(specs)) {
    const input = inputs.get(name);
    if (input !== undefined) ordered.set(name, input);
  }
  return ordered;
}
