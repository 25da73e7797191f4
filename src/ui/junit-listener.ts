import { messageOf } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';
import { junitXml } from './junit.ts';
import type { ListenerFactory } from './listener.ts';

/** Writes a JUnit report when a run is over, however it has ended; `path` is absolute, `file` is how it was named. */
export function junitListener(path: string, file: string): ListenerFactory {
  return (redact) => {
    const startedMs = performance.now();
    return {
      writes: file,
      event: () => undefined,
      async end(end) {
        try {
          await writeWhole(path, junitXml(end, performance.now() - startedMs, redact));
          return [];
        } catch (error) {
          return [`The JUnit report ${path} was not written: ${messageOf(error)}.`];
        }
      },
    };
  };
}
