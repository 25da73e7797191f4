/** Stands at both ends of an open place: no manifest has it. */
const mark = '\u0001';

/** An open place: stands in a manifest where an input goes whose value isn't known, or isn't needed. */
export const openPlace: RegExp = new RegExp(`${mark}[^${mark}]*${mark}`);

const openPlaces = new RegExp(`${mark}([^${mark}]*)${mark}`, 'g');

/** The open place of an input: two inputs are two values. */
export function openValueOf(input: string): string {
  return `${mark}${input}${mark}`;
}

/** Whether a value, or a part of it, is open: nothing can be said of it. */
export function isOpen(value: unknown): boolean {
  return typeof value === 'string' && openPlace.test(value);
}

/** A text for people: open places as placeholders. */
export function showOpen(text: string): string {
  return text.replaceAll(openPlaces, '${$1}');
}

/** The inputs whose open places a value has. */
export function openInputsIn(value: unknown): readonly string[] {
  return typeof value === 'string' ? [...value.matchAll(openPlaces)].map(([, input = '']) => input) : [];
}
