import { messageOf } from '../../src/errors.ts';

/** Runs a benchmark to its exit code: 1 where it throws, 130 where it was interrupted. */
export async function runMain(main: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const interrupt = new AbortController();
  // Ctrl-C comes twice: from the terminal, and passed on by the program that runs this script.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  try {
    process.exitCode = await main(interrupt.signal);
  } catch (error) {
    say(interrupt.signal.aborted ? 'Interrupted.' : messageOf(error));
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  }
}

/** The result: stdout. */
export function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What is being done: stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
