import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { addonFileName } from '../../../src/config/addons/file-name.ts';
import type { templatesDirectory as original, templateName as originalName } from '../../../src/config/templates.ts';
import { DeployError, systemCodeOf } from '../../../src/errors.ts';

declare const embeddedTemplates: Readonly<Record<string, string>>;

/**
 * Unpacks the built-in application into a folder of this run alone: nobody else can have put anything into it. It goes
 * when the run ends.
 */
function unpack(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'oms-deploy-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(embeddedTemplates)) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  } catch (error) {
    const code = systemCodeOf(error) ?? 'error';
    throw new DeployError('usage', `The built-in application can't be unpacked into ${tmpdir()} (${code}).`, {
      fix: 'Set TMPDIR to a folder that can be written.',
    });
  }
}

let unpacked: string | undefined;

export const templatesDirectory: typeof original = () => (unpacked ??= unpack());

/** The folder is another one in each run, and gone after it. */
export const templateName: typeof originalName = (file) => {
  if (unpacked === undefined || !file.startsWith(unpacked + sep)) return undefined;
  const path = file.slice(unpacked.length + 1).replaceAll(sep, '/');
  return addonFileName(path) ?? `templates/${path}`;
};
