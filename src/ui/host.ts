import type { Readable, Writable } from 'node:stream';
import type { DeployError } from '../errors.ts';
import type { Host, PlaceFlags, Result, Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import type { Ci } from './ci.ts';
import { ciReporter } from './ci-reporter.ts';
import { defusedData, defusedJson, defusedText } from './github/commands.ts';
import { heartbeatMs } from './heartbeat.ts';
import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import { keepBack } from './kept-back.ts';
import type { ListenerFactory, RunEnd } from './listener.ts';
import { createDisplay, type Display } from './live/display.ts';
import { plainReporter } from './plain.ts';
import { askChoice, askConfirm, askText, cannotAsk } from './prompts.ts';
import type { Lines, Reporter } from './reporter.ts';
import { createStyle, harmless } from './style.ts';
import type { Terminal } from './terminal.ts';
import { errorTold, eventTold, resultTold, withFlags } from './told.ts';

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
  /** Where the log goes. */
  readonly ci?: Ci | undefined;
  /** After so long without a line plain and human output say what is waited for. */
  readonly heartbeatMs?: number;
}

/** The host of a run, and how it ends. */
export interface TerminalHost extends Host {
  finish(command: string, result: Result): Promise<void>;
  fail(command: string, error: DeployError): Promise<void>;
  /** Says something beside all events: what is wrong with the program itself. */
  say(text: string): void;
}

/** Makes the host that shows a run on a terminal, in a log or as JSON. */
export function createHost(terminal: Terminal, options: HostOptions): TerminalHost {
  let redact = (text: string): string => text;
  let place: PlaceFlags = { deploy: '', verify: '', look: '', owner: '', kubectl: '' };
  const hint = (text: string): string => withFlags(text, place);
  const isGitHub = options.ci?.system === 'github';
  const { hasUnicode } = terminal;
  const hidden = (text: string): string => redact(text);
  const hasColor = options.color && terminal.hasColor;
  const style = createStyle(hasColor, hasUnicode, hint, hidden);
  const canShow = options.output === 'human' && !options.quiet && terminal.canDraw;
  const display = canShow ? createDisplay(terminal, style, (text) => redact(text)) : undefined;
  const print = (text: string): void => (display === undefined ? terminal.writeErr(text) : display.write(text));
  const err = (line: string): void => {
    const shown = harmless(redact(line), { hasColor, hasUnicode });
    print(`${isGitHub ? defusedText(shown) : shown}\n`);
  };
  const write = (text: string): void => {
    if (Number.isFinite(terminal.outColumns)) display?.clear();
    terminal.writeOut(text);
  };
  const lines: Lines = {
    out: (text) => write(isGitHub && !terminal.isOutFile ? defusedText(redact(text)) : redact(text)),
    data(text) {
      if (!isGitHub || terminal.isOutFile) return write(redact(text));
      const data = defusedData(redact(text));
      write(data.text);
      if (data.count > 0)
        err(`! ${countOf(data.count, 'line')} would be a command to GitHub Actions, and got a backslash. ${toFile}`);
    },
    err,
    redact: (text) => redact(text),
    style: createStyle(options.color && terminal.hasOutColor, hasUnicode, hint, hidden),
    get columns() {
      return terminal.outColumns;
    },
    canRedraw: terminal.canRedraw,
  };
  const reporter = reporterOf(terminal, options, lines, { style, display, hint });
  const aside = <T>(work: () => Promise<T>): Promise<T> => reporter.aside?.(work) ?? work();
  const listeners = (options.listeners ?? []).map((make) => make((text) => redact(text)));
  const end = async (how: RunEnd): Promise<void> => {
    const problems = await Promise.all(listeners.map((listener) => listener.end(how)));
    for (const problem of problems.flat()) lines.err(`! ${problem}`);
    if (options.quiet) return;
    for (const [index, { writes }] of listeners.entries())
      if (writes !== undefined && problems[index]?.length === 0) lines.err(`Report  ${writes}`);
  };
  const canAsk = options.output === 'human' && terminal.isInteractive;
  const kept = options.quiet && canAsk ? keepBack() : undefined;
  const dialogue = { input: options.answers, output: options.questions, show: style.value };
  return {
    canAsk,
    emit(given) {
      const event = eventTold(given, hint);
      kept?.note(event);
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
      reporter.about?.(kept?.take() ?? []);
      return aside(() => askConfirm(question, dialogue, signal));
    },
    async text(question, signal) {
      if (!canAsk) throw cannotAsk(question);
      return aside(() => askText(question, dialogue, signal));
    },
    async choose(question, signal) {
      if (!canAsk) throw cannotAsk(question);
      return aside(() => askChoice(question, dialogue, signal));
    },
    say: (text) => text.split('\n').forEach(err),
    finish(command, given) {
      const result = resultTold(given, hint);
      reporter.result(command, result);
      return end({ command, result });
    },
    fail(command, given) {
      const error = errorTold(given, hint);
      reporter.error(command, error);
      return end({ command, error });
    },
  };
}

interface Look {
  readonly style: Style;
  readonly display: Display | undefined;
  readonly hint: (text: string) => string;
}

function reporterOf(terminal: Terminal, options: HostOptions, lines: Lines, { style, display, hint }: Look): Reporter {
  switch (options.output) {
    case 'human':
      return humanReporter(lines, style, terminal, { heartbeatMs, ...options }, display);
    case 'plain': {
      const plain = plainReporter(lines, createStyle(false, terminal.hasUnicode, hint, lines.redact), {
        heartbeatMs,
        ...options,
      });
      if (options.ci === undefined) return plain;
      const write = (line: string): void => terminal.writeErr(`${line}\n`);
      return ciReporter(plain, options.ci, { quiet: options.quiet, write, redact: lines.redact });
    }
    case 'json': {
      const isGitHub = options.ci?.system === 'github';
      return jsonReporter({ out: (text) => terminal.writeOut(isGitHub ? defusedJson(text) : text) }, lines.redact);
    }
  }
}

const toFile = 'In a file (> name) all is as it should be.';
