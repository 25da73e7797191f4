import { readFileSync } from 'node:fs';

/** The version of this program: that of its package.json, which lies beside src/ and beside dist/. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown';
}
