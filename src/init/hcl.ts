/** A block of HCL at the top of a file: `output "redis_endpoint" { ... }`. */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  /** The expressions of its own attributes, as they are written. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly line: number;
}

/**
 * The top blocks of a Terraform file. Not a parser of HCL: it knows comments, strings with `${...}` in them, heredocs and
 * brackets, as much as it takes to find names and attributes. What it can't read it passes over.
 */
export function hclBlocks(text: string): readonly HclBlock[] {
  const code = blanked(text);
  const blocks: HclBlock[] = [];
  for (let at = 0; at < code.length; ) {
    const head = /([A-Za-z_][\w-]*)((?:[ \t]+"[^"\n]*")*)[ \t]*\{/y;
    head.lastIndex = at;
    const found = head.exec(code);
    if (found === null) {
      at = nextLine(code, at);
      continue;
    }
    const open = head.lastIndex - 1;
    const end = closingBracket(code, open) ?? code.length;
    // Labels are strings: their text is only in the original.
    const labels = [...text.slice(at, open).matchAll(/"([^"\n]*)"/g)].map(([, label = '']) => label);
    blocks.push({
      type: found[1] ?? '',
      labels,
      attributes: attributesIn(text, code, open + 1, end),
      line: text.slice(0, at).split('\n').length,
    });
    at = nextLine(code, end);
  }
  return blocks;
}

/** The text of a plain string such as `"eu-west-1"`; undefined for any other expression. */
export function hclString(expression: string | undefined): string | undefined {
  const [, text] = /^"((?:[^"\\$%]|\\.|[$%](?!\{))*)"$/.exec(expression?.trim() ?? '') ?? [];
  return text?.replaceAll(/\\(["\\])/g, '$1');
}

function attributesIn(text: string, code: string, start: number, end: number): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (let at = start; at < end; ) {
    const pattern = /\s*([A-Za-z_][\w-]*)[ \t]*=(?!=)[ \t]*/y;
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found === null) {
      at = skipped(code, at, end);
      continue;
    }
    const valueEnd = skipped(code, pattern.lastIndex, end);
    attributes[found[1] ?? ''] = text.slice(pattern.lastIndex, valueEnd).trim();
    at = valueEnd;
  }
  return attributes;
}

/** Behind the line at `at`, brackets that open in it included. */
function skipped(code: string, at: number, end: number): number {
  for (let index = at; index < end; index += 1) {
    const char = code[index] ?? '';
    if (char === '\n' || char === ';') return index + 1;
    if ('{[('.includes(char)) index = (closingBracket(code, index) ?? end) - 1;
  }
  return end;
}

/** The index behind the bracket that closes the one at `open`. */
function closingBracket(code: string, open: number): number | undefined {
  let depth = 0;
  for (let index = open; index < code.length; index += 1) {
    const char = code[index] ?? '';
    if ('{[('.includes(char)) depth += 1;
    else if ('}])'.includes(char)) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

function nextLine(code: string, at: number): number {
  const end = code.indexOf('\n', at);
  const next = end < 0 ? code.length : end + 1;
  return next + (/^[ \t]*/.exec(code.slice(next, next + 200))?.[0].length ?? 0);
}

/**
 * The text with blanks for what comments, strings and heredocs hold, character by character: brackets that are left are
 * HCL's own.
 */
function blanked(text: string): string {
  const pattern = new RegExp(
    [
      '/\\*[\\s\\S]*?(?:\\*/|$)',
      '(?:#|//)[^\\n]*',
      '<<[-~]?([A-Za-z_]\\w*)[^\\n]*\\n(?:[\\s\\S]*?\\n)??[ \\t]*\\1(?=\\n|$)',
      // A string may hold strings again, in the braces of an interpolation.
      '"(?:[^"\\\\$%]|\\\\[\\s\\S]|[$%](?!\\{)|[$%]\\{(?:[^{}"]|"(?:[^"\\\\]|\\\\[\\s\\S])*")*\\})*"',
    ].join('|'),
    'g',
  );
  return text.replaceAll(pattern, (found) =>
    found.startsWith('"') ? `"${blanks(found.slice(1, -1))}"` : blanks(found),
  );
}

function blanks(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
