import type { Result, Style } from '../events.ts';
import { harmless } from './style.ts';

/** A result as it goes to stdout: in the terminal's style, with a line break at its end; empty where there is none. */
export function resultText(text: Result['text'], style: Style): string {
  const shown = typeof text === 'string' ? text : text(style).split('\n').map(harmless).join('\n');
  return shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`;
}
