/** Any value that JSON can hold, readonly: what manifests, live objects and events are made of. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object, readonly. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A scalar: what an input's value may be. */
export type Scalar = string | number | boolean;

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` as a JSON object, or an empty one: for reading optional parts of API objects. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** `value` as an array, or an empty one. */
export function arrayOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** `value` if it is a string, else undefined. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A scalar as text: ports are numbers or names. Empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** `value` if it is a number, else `fallback`. */
export function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

/** The value at `path` (one step or more) inside nested objects, or undefined where a step is missing. */
export function at(value: unknown, ...path: readonly string[]): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined || !isObject(value)) return undefined;
  return rest.length === 0 ? value[step] : at(value[step], ...rest);
}

/** A text as a JSON object; undefined for any other text. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
