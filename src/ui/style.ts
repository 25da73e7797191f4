import { Chalk, type ChalkInstance } from 'chalk';
import type { Style } from '../events.ts';
import { visible } from '../model/visible.ts';

/** None of the colours that mark a state. */
const tints = ['cyan', 'magenta', 'blue', 'white', 'cyanBright', 'magentaBright', 'blueBright'] as const;

/**
 * The style for a terminal with or without colour and Unicode. `hint` completes the commands of hints, `redact` takes the
 * secrets out of what comes from elsewhere.
 */
export function createStyle(
  hasColor: boolean,
  hasUnicode: boolean,
  hint: (text: string) => string = (text) => text,
  redact: (text: string) => string = (text) => text,
): Style {
  const chalk: ChalkInstance = new Chalk({ level: hasColor ? 1 : 0 });
  return {
    hasColor,
    hasUnicode,
    good: (text) => chalk.green(text),
    waiting: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    faint: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
    tint: (text, index) => chalk[tints[index % tints.length] ?? 'cyan'](text),
    hint,
    // A secret is known as it is, not as it is shown.
    value: (text) => visible(redact(text), hasUnicode),
    marks: hasUnicode
      ? { done: '✔', failed: '✖', between: '·', arrow: '->', bar: '█▓░' }
      : { done: 'ok', failed: 'x', between: '-', arrow: '->', bar: '#=.' },
  };
}

/** The colours of `Style`. */
// oxlint-disable-next-line no-control-regex -- colours begin with one
const ours = /(\u001b\[(?:1|2|22|31|32|33|34|35|36|37|94|95|96|39)m)/;

/** What a line may be shown with. */
interface Shown {
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

/**
 * A text in which nothing but the colours of `Style` is hidden: a server's message can't move the cursor, set the title or
 * reverse the reading direction, and what would have is seen. The last resort: values are made visible before they are coloured.
 */
export function harmless(text: string, { hasColor, hasUnicode }: Shown = noColour): string {
  const parts = text.replaceAll('\t', ' ').split(ours);
  return parts.map((part, index) => (hasColor && index % 2 === 1 ? part : visible(part, hasUnicode))).join('');
}

const noColour: Shown = { hasColor: false, hasUnicode: true };

/** A line of a log without what its program meant for a terminal: colours, control characters, changes of direction. */
export function plainLine(line: string): string {
  return line.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what this removes
    /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '',
  );
}

/**
 * Breaks a line that is wider than the terminal at its spaces; what follows is indented like the line's own text,
 * behind its label (`      do     `). A command that stands alone is left to the terminal: what it breaks can be pasted.
 */
export function wrapLine(line: string, columns: number): readonly string[] {
  if (visibleLength(line) <= columns || isCommand.test(line)) return [line];
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

/** The lines of a text, each broken as `wrapLine` does. Secrets have to be taken out before: half of one isn't known as one. */
export function wrapText(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, columns));
}

const isCommand = /^ *(?:oms-deploy|kubectl|export) \S/;

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
