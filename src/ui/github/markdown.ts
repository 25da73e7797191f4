import { shorten } from '../../model/text.ts';
import { harmless } from '../style.ts';

/** The longest text of one cell or line. */
const longest = 400;

/**
 * Text in Markdown that stays text: on one line, all that Markdown, HTML or GitHub's links could read as more is written as
 * a character reference. `redact` sees it as it is.
 */
export function markdownText(text: string, redact: (text: string) => string): string {
  const line = harmless(redact(text).replace(/[\r\n\t]+/g, ' '));
  return shorten(line, longest)
    .replace(/[&<>"'`*_{}[\]()#|~@\\:!+=]/g, (letter) => `&#${letter.charCodeAt(0)};`)
    .replace(/\bwww\./gi, (word) => word.replace('.', '&#46;'));
}

/** A table; its cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** As many blocks as fit into so many bytes; a last one says where some are missing. */
export function fitting(blocks: readonly string[], maxBytes: number): string {
  let bytes = 0;
  const kept: string[] = [];
  for (const block of blocks) {
    bytes += Buffer.byteLength(block) + 2;
    if (bytes > maxBytes) {
      kept.push('More than fits in here: the log has the rest.');
      break;
    }
    kept.push(block);
  }
  return `${kept.join('\n\n')}\n`;
}
