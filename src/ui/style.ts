import { Chalk, type ChalkInstance } from 'chalk';
import type { Style } from '../events.ts';

/** None of the colours that mark a state. */
const tints = ['cyan', 'magenta', 'blue', 'white', 'cyanBright', 'magentaBright', 'blueBright'] as const;

/** The style for a terminal with or without colour and Unicode. `hint` completes the commands of hints. */
export function createStyle(
  hasColor: boolean,
  hasUnicode: boolean,
  hint: (text: string) => string = (text) => text,
): Style {
  const chalk: ChalkInstance = new Chalk({ level: hasColor ? 1 : 0 });
  return {
    good: (text) => chalk.green(text),
    waiting: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    faint: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
    tint: (text, index) => chalk[tints[index % tints.length] ?? 'cyan'](text),
    hint,
    marks: hasUnicode
      ? { done: '✔', failed: '✖', between: '·', arrow: '->', bar: '█▓░' }
      : { done: 'ok', failed: 'x', between: '-', arrow: '->', bar: '#=.' },
  };
}

/**
 * A line without control characters but the colours of `Style`: a server's message can't move the cursor, set the
 * title or reverse the reading direction.
 */
export function harmless(line: string): string {
  return line.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what this removes
    /(\u001b\[(?:1|2|22|31|32|33|34|35|36|37|94|95|96|39)m)|\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '$1',
  );
}

/**
 * Breaks a line that is wider than the terminal at its spaces; what follows is indented like the line's own text,
 * behind its label (`      do     `).
 */
export function wrapLine(line: string, columns: number): readonly string[] {
  if (visibleLength(line) <= columns) return [line];
  const [columnsBefore = ''] = /^.* {2,}(?=\S)/.exec(line) ?? [];
  const [firstLabel = ''] = /^ *(?:\S+ {2,})?/.exec(line) ?? [];
  const label = visibleLength(columnsBefore) <= columns * 0.6 ? columnsBefore : firstLabel;
  const indent = ' '.repeat(visibleLength(label));
  const lines: string[] = [];
  let current = label;
  for (const word of line.slice(label.length).split(' ')) {
    const isFirst = current === label || current === indent;
    if (!isFirst && visibleLength(current) + 1 + visibleLength(word) > columns) {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += current === label || current === indent ? word : ` ${word}`;
  }
  return [...lines, current];
}

function visibleLength(text: string): number {
  // oxlint-disable-next-line no-control-regex -- colours take no place on the screen
  return text.replace(/\u001b\[\d+m/g, '').length;
}

/** `0.4s`, `12s`, `3m 05s`. */
export function formatElapsed(ms: number): string {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)}s` : formatSeconds(ms);
}

/** `0s`, `12s`, `3m 05s`: for what goes on, and is looked at each second. */
export function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}
