import { existsSync } from 'node:fs';
import { DeployError } from '../errors.ts';
import { didYouMean, meantOneOf } from '../model/suggest.ts';
import { capitalized, shellQuoted } from '../model/text.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { globalOptions, optionName } from './options.ts';
import { topicNames } from './topics/names.ts';

/** What other tools call these commands. */
const usualNames: Readonly<Record<string, string>> = {
  apply: 'up',
  deploy: 'up',
  delete: 'cleanup',
  destroy: 'cleanup',
};

/** What other tools call these flags. */
const usualFlags: Readonly<Record<string, string>> = {
  '--file': '-f, --manifests',
  '--filename': '-f, --manifests',
};

/** What the library for command lines found wrong with one, in our words: what is wrong, and what is meant or lists it. */
export function usageError(complaint: string, argv: readonly string[]): DeployError {
  const [word = ''] = argv;
  const instead = usualNames[word];
  if (instead !== undefined)
    return new DeployError('usage', `Unknown command '${word}'.`, { fix: `It is: oms-deploy ${instead}.` });
  if (word.startsWith('-') && argv.some((one) => commands.some(({ name }) => name === one)))
    return new DeployError('usage', `${word} stands before the command.`, { fix: 'Put all flags behind it.' });
  const [first = '', ...rest] = complaint.trim().split('\n');
  const said = first.replace(/^error: /, '');
  const command = commands.find(({ name }) => name === word);
  const words = command === undefined ? undefined : ourWords(said, command, argv);
  const suggestion = rest
    .join(' ')
    .replace(/^\(|\)$/g, '')
    .trim();
  const message = words?.message ?? capitalized(said);
  return new DeployError('usage', message.endsWith('.') ? message : `${message}.`, {
    fix:
      words?.fix ||
      suggestion ||
      (command === undefined ? 'See oms-deploy --help.' : `See oms-deploy ${command.name} --help.`),
  });
}

interface Words {
  readonly message: string;
  /** Empty where nothing is near. */
  readonly fix: string;
}

/** Undefined for a complaint that reads well as it is. */
function ourWords(said: string, command: Command, argv: readonly string[]): Words | undefined {
  const unknown = /^unknown option '([^=]*)/s.exec(said)?.[1]?.replace(/'$/, '');
  const usual = unknown === undefined ? undefined : usualFlags[unknown];
  if (unknown !== undefined && usual !== undefined && hasManifests(command))
    return { message: `Unknown option '${unknown}'.`, fix: `It is: ${usual}.` };

  const [, choice, choices = ''] =
    /^command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/s.exec(said) ?? [];
  if (choice !== undefined) {
    const all = choices.split(', ');
    return {
      message: `There is no \`${command.name} ${choice}\`.`,
      fix: didYouMean(choice, all) || `Use one of: ${choices}.`,
    };
  }
  const [, flag, given, allowed = ''] =
    /^option '.*?(--[a-z-]+).*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s.exec(said) ?? [];
  if (flag !== undefined && given !== undefined) {
    const all = allowed.split(', ');
    const last = all.pop() ?? '';
    const listed = all.length === 0 ? last : `${all.join(', ')} or ${last}`;
    return { message: `${flag} takes ${listed}, not '${given}'.`, fix: didYouMean(given, allowed.split(', ')) };
  }
  const [, empty, value] = /^option '.*?(--[a-z-]+) (<.*>)' argument missing$/.exec(said) ?? [];
  if (empty !== undefined && value !== undefined) return { message: `${empty} needs its ${value}.`, fix: '' };
  const [, most, got] = /^too many arguments for '.*'\. Expected (\d+) arguments? but got (\d+)/.exec(said) ?? [];
  if (most !== undefined && got !== undefined) return tooMany(command, Number(most), Number(got), argv);
  const missing = /^missing required argument '(.*)'$/.exec(said)?.[1];
  const argument = command.arguments?.find(({ name }) => name === `<${missing ?? ''}>`);
  if (argument === undefined) return undefined;
  const choicesOf = argument.choices?.join(', ') ?? argument.description;
  return { message: `\`${command.name}\` needs its ${argument.name}: ${choicesOf}.`, fix: '' };
}

function tooMany(command: Command, most: number, got: number, argv: readonly string[]): Words {
  const { name, arguments: own = [] } = command;
  const takes = most === 0 ? 'no argument' : own.map((argument) => argument.name).join(' ');
  const count = got === 1 ? 'one' : String(got);
  return {
    message: `\`${name}\` takes ${takes}, and got ${count}${most === 0 ? '' : ' arguments'}.`,
    fix: manifestsFix(command, argv),
  };
}

/** What is named like an argument, and is there, is meant as the manifests. */
function manifestsFix(command: Command, argv: readonly string[]): string {
  const paths = argumentsOf(command, argv).filter((word) => existsSync(word));
  if (paths.length === 0 || !hasManifests(command)) return '';
  return `Manifests are named by a flag: ${paths.map((path) => `-f ${shellQuoted(path)}`).join(' ')}.`;
}

/** The words of a line that are neither flags nor their values. */
function argumentsOf({ options }: Command, argv: readonly string[]): readonly string[] {
  const valued = [...options, ...globalOptions].filter(({ flags }) => flags.endsWith('>'));
  const names = new Set(valued.flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))));
  return argv.slice(1).filter((word, index) => !word.startsWith('-') && !names.has(argv[index] ?? ''));
}

function hasManifests({ options }: Command): boolean {
  return options.some(({ flags }) => optionName(flags) === 'manifests');
}

/**
 * The command whose help `help <word>` asks for; undefined where it asks for that of the program.
 *
 * @throws DeployError `usage` for a word that is neither a command nor a topic, and for one too many.
 */
export function commandOfHelp(words: readonly string[]): Command | undefined {
  const [word, next] = words.filter((one) => !one.startsWith('-'));
  if (word === undefined || (word === 'help' && next === undefined)) return undefined;
  const command = commands.find(({ name }) => name === word);
  if (next !== undefined && (command?.arguments ?? []).length === 0 && (command !== undefined || isKnown(word))) {
    const fix = `See oms-deploy help ${word}.`;
    throw new DeployError('usage', `help takes one command or one topic, and got '${word}' and '${next}'.`, { fix });
  }
  if (command === undefined) throw unknownHelp(word);
  return command;
}

function isKnown(word: string): boolean {
  return word === 'help' || Object.hasOwn(topicNames, word);
}

/** `help` of what there isn't: the library would answer with its general help. */
function unknownHelp(word: string): DeployError {
  const topics = Object.keys(topicNames);
  const words = [...commands.map(({ name }) => name), ...topics];
  const begun = words.filter((name) => name.startsWith(word));
  const near = meantOneOf(begun) || didYouMean(word, words);
  return new DeployError('usage', `There is no command and no topic '${word}'.`, {
    fix: near || `See oms-deploy --help. Topics: ${topics.join(', ')}.`,
  });
}
