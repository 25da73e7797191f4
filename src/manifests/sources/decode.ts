import { isUtf8 } from 'node:buffer';
import { errorFinding, type Finding } from '../../model/finding.ts';

/** All objects of a cluster fit in less; a larger file is a dump of something else. */
export const maxFileBytes = 16 * 1024 * 1024;

/** The text of a manifest file, without its byte order mark; a finding for what is no UTF-8 text. */
export function decodeManifest(bytes: Uint8Array, file: string): string | Finding {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return errorFinding(
      'manifests/encoding',
      'The file is UTF-16, as Windows PowerShell writes it with >: manifests are UTF-8.',
      'Save it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8 <file>.',
      { origin: { file, line: 1 } },
    );
  }
  if (!isUtf8(bytes)) {
    return errorFinding('manifests/encoding', 'The file is not UTF-8.', 'Save it as UTF-8.', {
      origin: { file, line: brokenLine(bytes) },
    });
  }
  return checkText(new TextDecoder().decode(bytes), file);
}

/** A text that came in as one, if YAML can hold it. */
export function checkText(decoded: string, file: string): string | Finding {
  // Files that were put together have a mark at the beginning of each.
  const text = decoded.replaceAll(/^\uFEFF/gm, '');
  const control = /[^\P{Cc}\t\n\r\u0085]/u.exec(text);
  if (control === null) return text;
  const code = (control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return errorFinding(
    'manifests/encoding',
    `The file holds the control character U+${code}: it is binary, or not UTF-8.`,
    'Save it as UTF-8 text, without control characters.',
    { origin: { file, line: text.slice(0, control.index).split('\n').length } },
  );
}

/** The first line that isn't UTF-8: no character of several bytes holds a line feed. */
function brokenLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
