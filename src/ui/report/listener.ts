import { messageOf } from '../../errors.ts';
import { writeWhole } from '../../whole-file.ts';
import type { Listener } from '../listener.ts';
import { collectReport } from './collect.ts';
import { reportHtml } from './page.ts';

/** Where a report goes: an absolute path, and how it was named. */
interface Page {
  readonly path: string;
  readonly file: string;
}

/** Listens to a run and writes its report at the end, whatever that is but for one of a release that wasn't read; `version` is that of this program. */
export function reportListener({ path, file }: Page, version: string, redact: (text: string) => string): Listener {
  const collector = collectReport(version);
  return {
    writes: file,
    event: (event) => collector.hear(event),
    async end(end) {
      // A page about a release is only replaced by one: that none could be read is no news of it.
      if (end.command === 'history' && 'error' in end) return [`The report ${file} was not written.`];
      try {
        await writeWhole(path, reportHtml(collector.report(end), redact));
        return [];
      } catch (error) {
        return [`The report ${path} was not written: ${messageOf(error)}.`];
      }
    },
  };
}
