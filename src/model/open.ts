/** An open place: stands in a manifest where an input goes whose value isn't known, or isn't needed. */
export const openPlace: RegExp = /\u0001[^\u0001]*\u0001/;

/** The open place of an input: two inputs are two values. */
export function openValueOf(input: string): string {
  return `\u0001${input}\u0001`;
}

/** Whether a value, or a part of it, is open: nothing can be said of it. */
export function isOpen(value: unknown): boolean {
  return typeof value === 'string' && openPlace.test(value);
}

/** A text for people: open places as placeholders. */
export function showOpen(text: string): string {
  return text.replaceAll(/\u0001([^\u0001]*)\u0001/g, '${$1}');
}
