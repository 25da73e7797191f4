/** A value on one line of YAML: `[a, b]`, `{ key: value }`, texts in quotes where they need them. */
export function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${flowYaml(key)}: ${flowYaml(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  return isPlain(value) ? value : JSON.stringify(value);
}

/** Whether YAML 1.1 reads a text without quotes as the same text, wherever it stands. */
function isPlain(text: string): boolean {
  const isWord = /^[A-Za-z_./][\w./-]*(?: [A-Za-z_][\w./-]*)*$/.test(text);
  return isWord && !/^(?:y|n|yes|no|on|off|true|false|null|\.(?:inf|nan|\d.*))$/i.test(text);
}
