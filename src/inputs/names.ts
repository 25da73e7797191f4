const envPrefix = 'OMS_INPUT_';

/** The environment variable of an input: `redis_endpoint` -> `OMS_INPUT_REDIS_ENDPOINT`. */
export function envNameOf(input: string): string {
  return envPrefix + input.toUpperCase();
}

/** The input that an environment variable is meant for, or undefined for a variable that is none of ours. */
export function inputOfEnvName(variable: string): string | undefined {
  return variable.startsWith(envPrefix) ? variable.slice(envPrefix.length).toLowerCase() : undefined;
}

/** The input that a key of a secrets file is meant for: any case, with or without `OMS_INPUT_`. */
export function inputOfFileKey(key: string): string {
  const lower = key.toLowerCase();
  return lower.startsWith(envPrefix.toLowerCase()) ? lower.slice(envPrefix.length) : lower;
}

/**
 * A key of a secrets file as messages may show it. In a broken file a piece of a secret (a line of a PEM key, base64) can
 * stand where a key should be: only what is plainly a variable's name is shown.
 */
export function displayKey(key: string): string {
  return /^([A-Z][A-Z0-9_]{0,63}|[a-z][a-z0-9_]{0,63})$/.test(key) ? key : 'the key in this line';
}

/** One name or several, as a list. */
export function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}
