import { messageOf } from '../../errors.ts';
import { writeWhole } from '../../whole-file.ts';
import type { Listener } from '../listener.ts';
import { collectReport } from './collect.ts';
import { reportHtml } from './page.ts';

/** Listens to a run and writes its report at the end, whatever that is; `path` is absolute, `version` that of this program. */
export function reportListener(path: string, version: string, redact: (text: string) => string): Listener {
  const collector = collectReport(version);
  return {
    event: (event) => collector.hear(event),
    async end(end) {
      try {
        await writeWhole(path, reportHtml(collector.report(end), redact));
        return [];
      } catch (error) {
        return [`The report ${path} was not written: ${messageOf(error)}.`];
      }
    },
  };
}
