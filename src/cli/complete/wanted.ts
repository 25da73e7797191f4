import type { ArgumentSpec, Command, OptionSpec, Options } from '../command.ts';
import { commands } from '../commands/index.ts';
import { globalOptions, longFlag, optionName } from '../options.ts';
import { topicNames } from '../topics/names.ts';

/** One way in which a word can go on. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** Names that have to be looked up: in files, or in the cluster. */
export type Lookup =
  | 'environments'
  | 'namespaces'
  | 'contexts'
  | 'addons'
  | 'inputs'
  | 'assignments'
  | 'checks'
  | 'workloads'
  | 'releases';

/** What can stand at the place of the cursor. `flag` is the part of the word that stays: `--env=`. */
export type Wanted =
  | { readonly kind: 'values'; readonly values: readonly Candidate[]; readonly flag?: string }
  | { readonly kind: 'files' | 'directories'; readonly flag?: string }
  | {
      readonly kind: 'names';
      readonly lookup: Lookup;
      readonly command: Command;
      readonly given: Options;
      readonly flag?: string;
    };

const nothing: Wanted = { kind: 'values', values: [] };

/** What the last of these words can be: those behind the program's name, up to the cursor. It reads the words alone. */
export function wantedAt(words: readonly string[]): Wanted {
  const [first = '', ...rest] = words;
  if (words.length < 2) return first.startsWith('-') ? values(['--help', '--version']) : commandNames();
  if (first === 'help') {
    const topics = Object.entries(topicNames).map(([value, about]) => ({ value, about }));
    return rest.length === 1 ? { kind: 'values', values: [...visible(), ...topics] } : nothing;
  }
  const command = commands.find(({ name }) => name === first);
  return command === undefined ? nothing : inCommand(command, rest);
}

function inCommand(command: Command, words: readonly string[]): Wanted {
  const specs = [...command.options, ...globalOptions];
  const current = words.at(-1) ?? '';
  const { given, positions, isOver, open } = read(words.slice(0, -1), specs);
  // What may be left out isn't what a word is that begins a flag.
  if (open !== undefined && !(isOptional(open) && current.startsWith('-'))) return valueOf(open, command, given);
  if (current.startsWith('-') && !isOver) {
    const [name, value] = split(current);
    if (value === undefined) return { kind: 'values', values: flagsOf(specs, given) };
    const spec = findSpec(name, specs);
    return spec === undefined ? nothing : { ...valueOf(spec, command, given), flag: `${name}=` };
  }
  const argument = command.arguments?.[positions.length];
  return argument === undefined ? nothing : valueOfArgument(argument, command, positions, given);
}

interface Read {
  readonly given: Options;
  readonly positions: readonly string[];
  /** Behind a `--` nothing is a flag. */
  readonly isOver: boolean;
  /** The flag whose value comes next. */
  readonly open?: OptionSpec;
}

function read(words: readonly string[], specs: readonly OptionSpec[]): Read {
  const given: Record<string, string | readonly string[] | boolean> = {};
  const positions: string[] = [];
  let isOver = false;
  let open: OptionSpec | undefined;
  const take = (spec: OptionSpec, value: string): void => {
    const name = optionName(spec.flags);
    const earlier = given[name];
    given[name] = spec.repeatable === true ? [...(Array.isArray(earlier) ? earlier : []), value] : value;
  };
  for (const word of words) {
    const before = open;
    open = undefined;
    if (before !== undefined && !(isOptional(before) && word.startsWith('-'))) take(before, word);
    else if (word === '--' && !isOver) isOver = true;
    else if (word.startsWith('-') && word !== '-' && !isOver) {
      const [name, value] = split(word);
      const spec = findSpec(name, specs);
      if (spec === undefined) continue;
      if (value !== undefined) take(spec, value);
      else if (spec.flags.includes('<')) open = spec;
      else if (isOptional(spec)) {
        given[optionName(spec.flags)] = true;
        open = spec;
      } else given[optionName(spec.flags)] = !spec.flags.includes('--no-');
    } else positions.push(word);
  }
  return { given, positions, isOver, ...(open === undefined ? {} : { open }) };
}

/** Whether the value of a flag may be left out. */
function isOptional({ flags }: OptionSpec): boolean {
  return flags.includes('[');
}

function split(word: string): readonly [name: string, value?: string] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function findSpec(name: string, specs: readonly OptionSpec[]): OptionSpec | undefined {
  return specs.find(({ flags }) => longFlag(flags) === name || flags.startsWith(`${name},`));
}

function flagsOf(specs: readonly OptionSpec[], given: Options): readonly Candidate[] {
  const left = specs.filter(({ flags, repeatable }) => repeatable === true || given[optionName(flags)] === undefined);
  const help = { value: '--help', about: 'print the help of this command' };
  return [...left.map(({ flags, description }) => ({ value: longFlag(flags), about: description })), help];
}

/** Flags whose values are looked up, or are few. What takes a file or a folder says so by itself. */
const lookups: Readonly<Record<string, Lookup>> = {
  env: 'environments',
  namespace: 'namespaces',
  confirm: 'namespaces',
  context: 'contexts',
  with: 'addons',
  set: 'assignments',
  skipPreflight: 'checks',
};
const fixed: Readonly<Record<string, readonly string[]>> = { exec: ['aws', 'oms-deploy'] };

function valueOf(spec: OptionSpec, command: Command, given: Options): Wanted {
  const name = optionName(spec.flags);
  const choices = spec.choices ?? fixed[name];
  if (choices !== undefined) return values(choices);
  const lookup = lookups[name];
  if (lookup !== undefined) return { kind: 'names', lookup, command, given };
  if (spec.flags.includes('<dir>')) return { kind: 'directories' };
  return /<(file|path|program)>/.test(spec.flags) ? { kind: 'files' } : nothing;
}

function valueOfArgument(
  { name, choices }: ArgumentSpec,
  command: Command,
  positions: readonly string[],
  given: Options,
): Wanted {
  if (choices !== undefined) return values(choices);
  const names = (lookup: Lookup): Wanted => ({ kind: 'names', lookup, command, given });
  switch (`${command.name} ${name.slice(1, -1)}`) {
    case 'sandbox action':
      return values(['start', 'stop', 'status']);
    case 'rollback release':
      return names('releases');
    case 'history release':
    case 'history other':
      return positions[0] === 'list' ? nothing : names('releases');
    case 'rollout workload':
    case 'logs workload':
      return names('workloads');
    case 'explain name':
      return names('inputs');
    default:
      return nothing;
  }
}

function commandNames(): Wanted {
  return { kind: 'values', values: [...visible(), { value: 'help', about: 'print the help of a command or a topic' }] };
}

function visible(): readonly Candidate[] {
  return commands.filter(({ hidden }) => hidden !== true).map(({ name, summary }) => ({ value: name, about: summary }));
}

function values(all: readonly string[]): Wanted {
  return { kind: 'values', values: all.map((value) => ({ value })) };
}
