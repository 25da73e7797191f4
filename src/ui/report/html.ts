import { shorten } from '../../model/text.ts';
import { visible } from '../../model/visible.ts';

/** What a template may hold. Everything that isn't markup of ours, whatever it is at run time, becomes text. */
export type Content = Markup | Clipped | string | number | undefined | readonly Content[];

/** Markup that was written in this program. A class: nothing that comes from outside as JSON can pass for one. */
export class Markup {
  readonly parts: readonly string[];
  readonly values: readonly Content[];

  constructor(parts: readonly string[], values: readonly Content[]) {
    this.parts = parts;
    this.values = values;
  }
}

/** A text of which only so much is shown. */
class Clipped {
  /** A string, unless a record was tampered with. */
  readonly text: unknown;
  readonly length: number;
  readonly where: 'middle' | 'end';

  constructor(text: string, length: number, where: 'middle' | 'end') {
    this.text = text;
    this.length = length;
    this.where = where;
  }
}

/** A piece of HTML or SVG. Values become text, in elements as in quoted attributes; `undefined` becomes nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts, values);
}

/** At most so many letters of a text, cut at its end or in its middle: after secrets were taken out, not before. */
export function clipped(text: string, length: number, where: 'middle' | 'end' = 'end'): Clipped {
  return new Clipped(text, length, where);
}

/** Writes markup down. Each text passes `redact` as a whole, then shows what is hidden in it, then is escaped. */
export function render(markup: Markup, redact: (text: string) => string): string {
  const out: string[] = [];
  const write = (content: Content): void => {
    if (content === undefined) return;
    if (typeof content === 'number') out.push(String(content));
    else if (Array.isArray(content)) for (const one of content as readonly Content[]) write(one);
    else if (content instanceof Markup) {
      for (const [index, part] of content.parts.entries()) {
        out.push(part);
        write(content.values[index]);
      }
    } else out.push(escapeHtml(textOf(content, redact)));
  };
  write(markup);
  return out.join('');
}

function textOf(content: unknown, redact: (text: string) => string): string {
  if (!(content instanceof Clipped)) return shownText(content, redact);
  const { text, length, where } = content;
  const shown = shownText(text, redact);
  if (shown.length <= length) return shown;
  return where === 'middle'
    ? shorten(shown, length)
    : `${shown.slice(0, length)} ... (${shown.length - length} more letters)`;
}

function shownText(text: unknown, redact: (text: string) => string): string {
  return visible(redact(String(text)).replaceAll('\r\n', '\n'));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
