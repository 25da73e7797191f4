import type { Answer } from './contenders.ts';

/** One deploy of a fault; times in milliseconds since the tools of this fault were started. */
export interface Outcome {
  readonly tool: string;
  /** Why the tool can't be had; then there is nothing else. */
  readonly missing?: string;
  /** When the cluster showed that waiting is of no use. */
  readonly signalMs?: number;
  readonly answer?: Answer;
}

/** A fault and how each tool dealt with it, oms-deploy first. */
export interface Measured {
  readonly title: string;
  readonly outcomes: readonly [Outcome, ...Outcome[]];
}

/** oms-deploy has so long after the signal. */
const limitMs = 15_000;

/** The times, a line per fault and tool. */
export function timesOf(measured: readonly Measured[]): readonly string[] {
  const head = ['fault', 'tool', 'signal', 'cause shown', 'ended', 'after signal', 'when oms-deploy ended'];
  return aligned([head, ...measured.flatMap(timesOfFault)]);
}

function timesOfFault({ title, outcomes }: Measured): readonly (readonly string[])[] {
  const ownMs = outcomes[0].answer?.atMs ?? 0;
  return outcomes.map(({ tool, signalMs, answer }, index) => {
    const name = index === 0 ? title : '';
    if (answer === undefined) return [name, tool, '-', '-', '-', '-', '-'];
    const { atMs, causeAtMs } = answer;
    const afterMs = signalMs === undefined ? undefined : atMs - signalMs;
    const times = [signalMs, causeAtMs, atMs, afterMs].map((ms) => (ms === undefined ? 'never' : seconds(ms)));
    const meanwhile = atMs > ownMs ? 'still waiting' : 'had ended';
    return [name, tool, ...times, index === 0 ? '' : meanwhile];
  });
}

/** What each tool said in the end, or why it can't be had. */
export function wordsOf(measured: readonly Measured[]): readonly string[] {
  const rows = measured.flatMap(({ title, outcomes }) =>
    outcomes.map(({ tool, missing, answer }, index) => {
      const words = answer?.words ?? `no ${tool}: ${missing ?? 'it was not run'}`;
      return [index === 0 ? title : '', tool, words];
    }),
  );
  return aligned([['fault', 'tool', 'last words'], ...rows]);
}

/** What is not as it should be, a sentence each. */
export function flawsOf({ title, outcomes: [own, ...others] }: Measured): readonly string[] {
  const { signalMs, answer } = own;
  if (answer === undefined) return [`${title}: oms-deploy was not run.`];
  const afterMs = signalMs === undefined ? undefined : answer.atMs - signalMs;
  const faster = others.filter((other) => other.answer !== undefined && other.answer.atMs <= answer.atMs);
  return [
    ...(afterMs === undefined ? [`${title}: the signal was not seen.`] : []),
    ...(afterMs !== undefined && afterMs > limitMs
      ? [`${title}: oms-deploy ended ${seconds(afterMs)} after the signal; ${seconds(limitMs)} is the limit.`]
      : []),
    ...(answer.isRight === true
      ? []
      : [`${title}: oms-deploy did not name the cause, or not this one alone: ${answer.words}`]),
    ...faster.map(({ tool }) => `${title}: ${tool} had ended before oms-deploy.`),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Columns as wide as their widest cell; times stand to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, width: number): string =>
    /^(?:[\d.]+ s|never|-)$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
