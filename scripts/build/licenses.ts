import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, objectOf, textOf } from '../../src/model/json.ts';

/**
 * The licences of all packages that are bundled, for what is given away: each text once, below the packages that it is for.
 *
 * @throws Error for a package that has no licence with which it may be given away.
 */
export function thirdPartyLicenses(folders: readonly string[]): string {
  const byText = new Map<string, Set<string>>();
  for (const folder of folders) {
    const { title, text } = licensed(folder);
    byText.set(text, (byText.get(text) ?? new Set()).add(title));
  }
  const parts = [...byText].map(([text, titles]) => `${[...titles].sort().join('\n')}\n\n${text}\n`);
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `oms-deploy has in it code of these packages, under the licences below.\n${line}${parts.join(line)}`;
}

/** May be bundled and given away with no more than their texts. */
const permissive = new Set(['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense']);

/** A package as `yaml 2.9.1 (ISC)`, and what its authors want to be said of it. */
function licensed(folder: string): { readonly title: string; readonly text: string } {
  const manifest = objectOf(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const license = textOf(manifest.license);
  if (!permissive.has(license)) throw new Error(`${folder} has the licence ${license || 'none'}`);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  const title = `${textOf(manifest.name)} ${textOf(manifest.version)} (${license})`;
  return { title, text: texts.join('\n\n') || unwritten(license, title, manifest) };
}

/** Some packages name their licence and leave its text out. That of Apache-2.0 has no names in it, and is our own. */
function unwritten(license: string, title: string, { author }: JsonObject): string {
  const owner = typeof author === 'string' ? author : textOf(objectOf(author).name);
  if (license === 'Apache-2.0') return readFileSync('LICENSE', 'utf8').trim();
  if (license === 'Unlicense') return 'This is free and unencumbered software released into the public domain.';
  if (license === 'MIT' && owner !== '') return `The MIT License\n\nCopyright (c) ${owner}\n\n${mit}`;
  throw new Error(`${title} comes without the text of its licence`);
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
