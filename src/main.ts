import { setMaxListeners } from 'node:events';
import { fstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { Command, Options } from './cli/command.ts';
import { listenersOf, workflowRun } from './cli/listeners.ts';
import { type Invocation, parseCommandLine } from './cli/program.ts';
import { namingVariables, unknownVariables } from './cli/variables.ts';
import type { Context, Environment } from './context.ts';
import { bugOf, DeployError, exitCodes, interrupted, systemCodeOf } from './errors.ts';
import type { Host } from './events.ts';
import type { HostOptions, OutputForm, TerminalHost } from './ui/host.ts';
import type { Terminal } from './ui/terminal.ts';
import { version } from './version.ts';

/**
 * The composition root: the only place that touches the process. It reads the command line, builds the context,
 * runs the command and turns what comes back, or an error, into output and an exit code.
 */
async function main(): Promise<number> {
  let command: Command | undefined;
  process.stdout.on('error', (error) => endUnwritten(error, command));
  process.stderr.on('error', () => undefined);
  const invocation = await parse();
  if (typeof invocation === 'number') return invocation;
  if (invocation.type === 'print') {
    process.stdout.write(invocation.text);
    return exitCodes.done;
  }
  if (invocation.type === 'topic') {
    const { helpOn } = await import('./cli/topics/index.ts');
    process.stdout.write(helpOn(invocation.name));
    return exitCodes.done;
  }
  if (invocation.type === 'complete') {
    const { complete, silentHost } = await import('./cli/complete/index.ts');
    const text = await complete(invocation.args, createContext(silentHost));
    await new Promise((written) => process.stdout.write(text, written));
    // What was asked of a cluster and has not answered is waited for no longer.
    return process.exit(exitCodes.done);
  }
  const { options, args } = invocation;
  command = invocation.command;
  if (options.color === false) withoutColour();
  let host: TerminalHost | undefined;
  try {
    const listeners = await listenersOf(invocation, { env: process.env, cwd: process.cwd(), version: version() });
    host = await openHost({ ...hostOptions(options), listeners });
    for (const finding of unknownVariables(process.env)) host.emit({ type: 'finding', finding });
    const result = await command.run(options, args, createContext(host));
    await host.finish(command.name, result);
    return result.exitCode;
  } catch (error) {
    host ??= await openHostBeforeRun(command.name, options);
    return await fail(command.name, namingVariables(error, invocation), host);
  }
}

/**
 * A reader that has seen enough (`| head`) closes the pipe: that is no failure of ours. A full disk is one, and has to be told.
 * What has more to do than to show something goes on without output, to its own end.
 */
function endUnwritten(error: Error, command: Command | undefined): void {
  const code = systemCodeOf(error) ?? '';
  // A terminal that is gone has no disk: SIGHUP comes, too.
  const isClosed = ['EPIPE', 'EOF', 'ECONNRESET'].includes(code) || (code === 'EIO' && process.stdout.isTTY);
  const showsOnly = command === undefined || command.onlyShows === true;
  if (isClosed) return showsOnly ? process.exit(exitCodes.done) : undefined;
  process.stderr.write(`The output can't be written, and is incomplete: ${error.message}\n`);
  if (showsOnly) process.exit(exitCodes.usage);
  // Whoever changes something is asked by its code whether that was done.
  if (command.changes === true) return;
  process.once('exit', (own) => {
    if (own === exitCodes.done) process.exitCode = exitCodes.usage;
  });
}

/** `--no-color` holds for questions, too, and for the programs that are run: libraries read it from the environment. */
function withoutColour(): void {
  process.env.NO_COLOR = '1';
  delete process.env.FORCE_COLOR;
}

/** The host of a command line that comes to no run. */
async function openHostBeforeRun(command: string, options: Options): Promise<TerminalHost> {
  const listeners = await workflowRun(command, { env: process.env, cwd: process.cwd() });
  return openHost({ ...hostOptions(options), listeners });
}

async function openHost(options: HostOptions): Promise<TerminalHost> {
  const { createHost } = await import('./ui/host.ts');
  const { ciOf } = await import('./ui/ci.ts');
  return createHost(terminal, { ...options, ci: ciOf(process.env, process.cwd()) });
}

const isWindows = process.platform === 'win32';

const terminal: Terminal = {
  writeOut: (text) => void process.stdout.write(text),
  writeErr: (text) => void process.stderr.write(text),
  // Some pseudo terminals say that they have 0 columns.
  get columns() {
    return process.stderr.columns || 120;
  },
  get rows() {
    return (process.stderr.isTTY && process.stderr.rows) || 0;
  },
  get outColumns() {
    return process.stdout.isTTY ? process.stdout.columns || 120 : Number.POSITIVE_INFINITY;
  },
  canRedraw: process.stdout.isTTY && process.env.TERM !== 'dumb',
  isOutFile: isFile(1),
  canDraw: process.stderr.isTTY && canMoveCursor() && !isSet(process.env.CI),
  // xterm itself does not, nor does GNU screen.
  reflows: process.env.XTERM_VERSION === undefined && (process.env.STY ?? '') === '',
  isInteractive: process.stdin.isTTY && process.stderr.isTTY && !isSet(process.env.CI),
  hasColor: hasColor(process.stderr),
  hasOutColor: hasColor(process.stdout),
  hasUnicode: /UTF-?8/i.test(process.env.LC_ALL ?? process.env.LC_CTYPE ?? process.env.LANG ?? ''),
  watch({ resized, leaving }) {
    const stop = (): void => {
      leaving();
      process.kill(process.pid, 'SIGSTOP');
    };
    process.stderr.on('resize', resized);
    process.on('exit', leaving);
    if (!isWindows) process.on('SIGTSTP', stop);
    return () => {
      process.stderr.off('resize', resized);
      process.off('exit', leaving);
      if (!isWindows) process.off('SIGTSTP', stop);
    };
  },
};

async function parse(): Promise<Invocation | number> {
  try {
    return parseCommandLine(process.argv.slice(2), process.env, version());
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const form = asksForJson(process.argv, process.env) ? { output: 'json' } : {};
    const command = process.argv[2] ?? '';
    await (await openHostBeforeRun(command, form)).fail(command, error);
    return error.exitCode;
  }
}

/** The command line could not be read; still, who reads JSON gets the error as JSON. */
function asksForJson(argv: readonly string[], env: Environment): boolean {
  const flag = argv.lastIndexOf('--output');
  if (argv.includes('--output=json')) return true;
  return flag >= 0 ? argv[flag + 1] === 'json' : env.OMS_DEPLOY_OUTPUT === 'json';
}

const outputForms: readonly OutputForm[] = ['human', 'plain', 'json'];

function hostOptions(options: Options): HostOptions {
  const byDefault: OutputForm = process.stderr.isTTY && !isSet(process.env.CI) ? 'human' : 'plain';
  const chosen = outputForms.find((form) => form === options.output);
  return {
    output: chosen ?? byDefault,
    verbose: options.verbose === true,
    quiet: options.quiet === true,
    color: options.color !== false,
    questions: process.stderr,
    answers: process.stdin,
  };
}

function createContext(host: Host): Context {
  // The AWS SDK would write a warning about Node 20 to stderr by itself.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const signal = interruption();
  return {
    host,
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    readStdin: once(() => readStdin(signal)),
    signal,
    programPath: process.argv[1] ?? fileURLToPath(import.meta.url),
    execPath: process.execPath,
    pid: process.pid,
    version: version(),
  };
}

/** All of standard input, to its end; a person at a terminal would not know that something waits for it. */
async function readStdin(signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) {
    throw new DeployError('usage', 'Standard input is to be read (-), and it is a terminal.', {
      fix: 'Pipe something in, such as: helm template . | oms-deploy up -f - -n <namespace> --yes, or name a file.',
    });
  }
  try {
    return await readAll(addAbortSignal(signal, process.stdin));
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  }
}

/** Standard input can be read only once, and several may want it. */
function once(read: () => Promise<string>): () => Promise<string> {
  let text: Promise<string> | undefined;
  return () => (text ??= read());
}

/** The first SIGINT or SIGTERM, or the end of its terminal, asks to stop cleanly; a second signal ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  // Every request in flight listens to it: their number is bounded by the deploy, not a leak.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      controller.abort();
    });
  }
  // Its terminal is gone, a connection by SSH with it. It comes more than once. Without a terminal it is nohup that ignores it.
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  if (terminals.length > 0) {
    process.on('SIGHUP', () => controller.abort());
    process.once('exit', () => {
      if (!terminals.every((descriptor) => isatty(descriptor))) dieOfHangUp();
    });
  }
  return controller.signal;
}

/** As a program dies that doesn't listen: Node would set the terminal back, which is no longer there, and abort (SIGABRT). */
function dieOfHangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

async function fail(command: string, error: unknown, host: TerminalHost): Promise<number> {
  const failure = error instanceof DeployError ? error : bugOf(error);
  await host.fail(command, failure);
  if (failure !== error && process.env.OMS_DEPLOY_DEBUG === '1' && error instanceof Error) host.say(error.stack ?? '');
  return failure.exitCode;
}

/** Whether a descriptor leads to a file; of a closed one nobody knows. */
function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

/** Windows sets no TERM, and its terminals can do it. */
function canMoveCursor(): boolean {
  return process.env.TERM === undefined ? isWindows : process.env.TERM !== 'dumb';
}

/** NO_COLOR means none wherever it goes; FORCE_COLOR means colour in a file, too (https://no-color.org, https://force-color.org). */
function hasColor(stream: { readonly isTTY: boolean }): boolean {
  if (isSet(process.env.NO_COLOR)) return false;
  return isSet(process.env.FORCE_COLOR) || (stream.isTTY && process.env.TERM !== 'dumb');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

process.exitCode = await main();
