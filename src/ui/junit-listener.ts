import { writeFile } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import { junitXml } from './junit.ts';
import type { ListenerFactory } from './listener.ts';

/** Writes a JUnit report when a run is over, however it has ended. */
export function junitListener(file: string): ListenerFactory {
  return (redact) => {
    const startedMs = performance.now();
    return {
      event: () => undefined,
      async end(end) {
        try {
          await writeFile(file, junitXml(end, performance.now() - startedMs, redact));
          return [];
        } catch (error) {
          return [`The JUnit report could not be written: ${messageOf(error)}`];
        }
      },
    };
  };
}
