import type { Lines } from './reporter.ts';
import { wrapText } from './style.ts';

/** Something that is shown again and again in one place. */
export interface Screen {
  show(text: string): void;
}

/** On a terminal each text takes the place of the one before; elsewhere they follow each other. */
export function createScreen(lines: Lines): Screen {
  let rows = 0;
  return {
    show(text) {
      if (!lines.canRedraw) return lines.out(text);
      const wrapped = wrapText(lines.redact(text).trimEnd(), lines.columns);
      // Up to where the text before began, and clear from there: one write, so that nothing flickers.
      const back = rows === 0 ? '' : `\u001b[${rows}A\u001b[J`;
      rows = wrapped.length;
      lines.out(`${back}${wrapped.join('\n')}\n`);
    },
  };
}
