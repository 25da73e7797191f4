import type { Readable, Writable } from 'node:stream';
import type { DeployError } from '../errors.ts';
import type { Host, PlaceFlags, Result } from '../events.ts';
import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import type { ListenerFactory, RunEnd } from './listener.ts';
import { plainReporter } from './plain.ts';
import { askChoice, askConfirm, askText, cannotAsk } from './prompts.ts';
import type { Lines, Reporter } from './reporter.ts';
import { createStyle, harmless } from './style.ts';
import type { Terminal } from './terminal.ts';

export type OutputForm = 'human' | 'plain' | 'json';

export interface HostOptions {
  readonly output: OutputForm;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Where questions appear. */
  readonly questions: Writable;
  /** Where answers are typed. */
  readonly answers: Readable;
  /** Who else wants to hear of the run. */
  readonly listeners?: readonly ListenerFactory[];
}

/** The host of a run, and how it ends. */
export interface TerminalHost extends Host {
  finish(command: string, result: Result): Promise<void>;
  fail(command: string, error: DeployError): Promise<void>;
}

/** Makes the host that shows a run on a terminal, in a log or as JSON. */
export function createHost(terminal: Terminal, options: HostOptions): TerminalHost {
  let redact = (text: string): string => text;
  let place: PlaceFlags = { verify: '', look: '' };
  const hint = (text: string): string => withFlags(text, place);
  const lines: Lines = {
    out: (text) => terminal.writeOut(redact(text)),
    err: (line) => terminal.writeErr(`${harmless(redact(line))}\n`),
    redact: (text) => redact(text),
    style: createStyle(options.color && terminal.hasOutColor, terminal.hasUnicode, hint),
    columns: terminal.outColumns,
    canRedraw: terminal.canRedraw,
  };
  const reporter = reporterOf(terminal, options, lines, hint);
  const listeners = (options.listeners ?? []).map((make) => make((text) => redact(text)));
  const end = async (how: RunEnd): Promise<void> => {
    const problems = await Promise.all(listeners.map((listener) => listener.end(how)));
    for (const problem of problems.flat()) lines.err(`! ${problem}`);
  };
  const canAsk = options.output === 'human' && terminal.isInteractive;
  const dialogue = { input: options.answers, output: options.questions };
  return {
    canAsk,
    emit(event) {
      reporter.event(event);
      for (const listener of listeners) listener.event(event);
    },
    protect(next) {
      redact = next;
    },
    place(flags) {
      place = flags;
    },
    async confirm(question, signal) {
      if (!canAsk) throw cannotAsk(question);
      return askConfirm(question, dialogue, signal);
    },
    async text(question, signal) {
      if (!canAsk) throw cannotAsk(question);
      return askText(question, dialogue, signal);
    },
    async choose(question, signal) {
      if (!canAsk) throw cannotAsk(question);
      return askChoice(question, dialogue, signal);
    },
    finish(command, result) {
      reporter.result(command, result);
      return end({ command, result });
    },
    fail(command, error) {
      reporter.error(command, error);
      return end({ command, error });
    },
  };
}

function reporterOf(terminal: Terminal, options: HostOptions, lines: Lines, hint: (text: string) => string): Reporter {
  const style = createStyle(options.color && terminal.hasColor, terminal.hasUnicode, hint);
  switch (options.output) {
    case 'human':
      return humanReporter(lines, style, terminal.columns, options);
    case 'plain':
      return plainReporter(lines, createStyle(false, terminal.hasUnicode, hint), options);
    case 'json':
      return jsonReporter({ out: (text) => terminal.writeOut(text) }, lines.redact);
  }
}

function withFlags(text: string, { verify, look }: PlaceFlags): string {
  return text
    .replace(/\boms-deploy (verify|doctor)\b(?! -)/g, (command) => command + verify)
    .replace(
      /\boms-deploy (status|logs|history|rollback|rollout|cleanup|unlock)\b(?! -)/g,
      (command) => command + look,
    );
}
