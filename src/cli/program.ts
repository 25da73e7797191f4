import { Command as Commander, CommanderError, Option } from 'commander';
import type { Environment } from '../context.ts';
import { DeployError } from '../errors.ts';
import { capitalized } from '../model/text.ts';
import type { Command, OptionSpec, Options } from './command.ts';
import { commands } from './commands/index.ts';
import { withEnvironment } from './from-environment.ts';
import { globalOptions } from './options.ts';
import { isTopic, type TopicName, topicNames } from './topics/names.ts';
import { commandOfHelp, usageError } from './usage-error.ts';

/** A command line that runs a command. */
export interface Run {
  readonly type: 'run';
  readonly command: Command;
  readonly options: Options;
  readonly args: readonly string[];
  /** The flags whose values variables gave, as they are typed. */
  readonly fromVariables: readonly string[];
}

/** What the command line asks for. */
export type Invocation =
  | Run
  /** Help or version were asked for: print and end with 0. */
  | { readonly type: 'print'; readonly text: string }
  /** `help <topic>` */
  | { readonly type: 'topic'; readonly name: TopicName }
  /** A shell asks how a line can go on. */
  | { readonly type: 'complete'; readonly args: readonly string[] };

/**
 * Reads the command line; flags that it doesn't give come from `OMS_DEPLOY_<FLAG>`.
 *
 * @throws DeployError `usage` for unknown commands, flags and values, with a suggestion.
 */
export function parseCommandLine(argv: readonly string[], env: Environment, version: string): Invocation {
  const [word] = argv;
  const [asked = '', ...more] = argv.slice(1).filter((one) => !one.startsWith('-'));
  if (word === 'help' && isTopic(asked) && more.length === 0) return { type: 'topic', name: asked };
  if (word === '__complete') return { type: 'complete', args: argv.slice(1) };
  let invocation: Invocation | undefined;
  let printed = '';
  let complaint = '';
  const output = {
    writeOut: (text: string) => {
      printed += text;
    },
    writeErr: (text: string) => {
      complaint += text;
    },
  };
  const program = new Commander('oms-deploy')
    .description("Deploys an application's manifests to Amazon EKS: Terraform outputs in, ready pods out.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command, or of a topic')
    .configureOutput(output)
    // Their arguments are in their own help: here they would leave no room for what the commands do.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .showSuggestionAfterError();
  const words = word === 'help' ? helpOf(argv.slice(1)) : [...argv];
  for (const command of commands) {
    const added = addCommand(program, command);
    // Those of all commands together are hundreds: nobody asks for them but a line that names their command.
    if (!words.includes(command.name)) continue;
    addOptions(added, command);
    added.action((...received: unknown[]) => {
      const args = received
        .slice(0, -2)
        .flatMap((value) => (Array.isArray(value) ? value : [value]))
        .filter((value) => typeof value === 'string');
      const options = added.opts<Record<string, string | string[] | boolean>>();
      const { merged, fromVariables } = withEnvironment(options, command, env);
      invocation = { type: 'run', command, options: merged, args, fromVariables };
    });
  }
  program.addHelpText('after', `\nTopics, each by oms-deploy help <topic>:\n${topicLines()}`);
  program.addHelpText('after', '\nStart here:\n  oms-deploy sandbox start\n  oms-deploy up --help');
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What was asked for goes to stdout, complaints to stderr; commander's own exit code depends on process.exitCode.
    if (printed !== '') return { type: 'print', text: printed };
    // Called without a command: the help is the answer, but nothing was done.
    if (error.code === 'commander.help') throw new DeployError('usage', 'Name a command.', { why: complaint.trim() });
    throw usageError(complaint, argv);
  }
  if (invocation === undefined) throw new Error('commander called no action');
  return invocation;
}

function addCommand(program: Commander, { name, summary, hidden = false }: Command): Commander {
  return program
    .command(name, { hidden })
    .summary(summary)
    .description(`${capitalized(summary)}.`);
}

/** What the help of a command shows, and its line may have. */
function addOptions(added: Commander, command: Command): void {
  for (const argument of command.arguments ?? []) {
    const declared = added.createArgument(argument.name, argument.description);
    added.addArgument(argument.choices === undefined ? declared : declared.choices([...argument.choices]));
  }
  for (const spec of command.options) added.addOption(toOption(spec));
  for (const spec of globalOptions) added.addOption(toOption(spec).helpGroup('Output:'));
  added.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
}

/** `help <command>` as what the library answers the same way. */
function helpOf(words: readonly string[]): string[] {
  const command = commandOfHelp(words);
  return command === undefined ? ['--help'] : [command.name, '--help'];
}

function topicLines(): string {
  return Object.entries(topicNames)
    .map(([name, about]) => `  ${name.padEnd(14)}${about}`)
    .join('\n');
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(
    spec.flags,
    spec.repeatable === true ? `${spec.description}; may be given more than once` : spec.description,
  );
  if (spec.choices !== undefined) option.choices([...spec.choices]);
  if (spec.repeatable === true) {
    option.argParser((value: string, previous: unknown) => [
      ...(Array.isArray(previous) ? previous.filter((entry) => typeof entry === 'string') : []),
      value,
    ]);
  }
  return option;
}
