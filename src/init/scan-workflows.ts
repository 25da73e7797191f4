import type { Origin } from '../model/object.ts';
import type { DeploymentEvidence, Known, Meaning, TextFile } from './evidence.ts';
import { type Lookup, meaningOf } from './expressions.ts';

/** A line of a script or workflow; what a backslash continues is one. */
interface ScriptLine {
  readonly text: string;
  readonly origin: Origin;
}

interface Assignment {
  readonly name: string;
  readonly expression: string;
  readonly origin: Origin;
}

/**
 * Reads how the manifests are deployed today, from CI workflows, shell scripts and Makefiles: by their lines, whatever
 * language is around them. This is the strongest evidence for where a value comes from.
 */
export function scanDeployment(files: readonly TextFile[]): DeploymentEvidence {
  const lines = files.flatMap(linesOf);
  const assignments = lines.flatMap(assignmentsIn);
  const variables = knownVariables(assignments);
  const lookup: Lookup = (name) => variables.get(name)?.meaning;
  const literal = (expression: string | undefined): string | undefined => {
    const meaning = expression === undefined ? undefined : meaningOf(expression, lookup);
    return meaning?.kind === 'literal' ? meaning.value : undefined;
  };
  const all = (pattern: RegExp): readonly string[] =>
    lines.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, word = '']) => word));
  const first = (...patterns: readonly RegExp[]): string | undefined =>
    patterns
      .flatMap(all)
      .map(literal)
      .find((value) => value !== undefined);
  const envsubst = lines.find(
    ({ text }) => /\benvsubst\b/.test(text) && !/\b(?:apt|apk|brew|yum)\b/.test(text),
  )?.origin;
  const account = lines
    .map(({ text }) => /\barn:aws[\w-]*:iam::(\d{12}):/.exec(text)?.[1])
    .find((id) => id !== undefined);
  const facts = {
    cluster: first(new RegExp(`\\bupdate-kubeconfig\\b.*?--name[ =]+${word}`, 'g')),
    region: first(
      new RegExp(`\\bupdate-kubeconfig\\b.*?--region[ =]+${word}`, 'g'),
      new RegExp(`^\\s*aws-region:\\s*${word}`, 'g'),
      new RegExp(`\\bAWS_(?:DEFAULT_)?REGION\\s*[:=]\\s*${word}`, 'g'),
    ),
    account,
    namespace: first(new RegExp(`\\bkubectl\\b.*?\\s(?:-n|--namespace)[ =]+${word}`, 'g')),
    terraformDir:
      all(/\bterraform\s+-chdir[ =]["']?([\w./-]+)/g)[0] ??
      all(/\bcd\s+["']?([\w./-]*(?:terraform|infra)[\w./-]*)/g)[0],
    envsubst,
  };
  return {
    replaced: replacedTexts(lines, lookup),
    variables,
    ...facts,
    applied: [
      ...new Set(
        all(/\bkubectl\b[^|;&]*?\bapply\b[^|;&]*?\s(?:-f|-k|--filename|--kustomize)[ =]["']?([\w./-]*[\w/])/g),
      ),
    ],
  };
}

/** A word of a shell: quoted, of GitHub, or bare. */
const word = '("[^"]*"|\'[^\']*\'|\\$\\{\\{[^}]*\\}\\}|[^\\s"\'|;&)]+)';

const maxLine = 4000;

function linesOf({ path, text }: TextFile): readonly ScriptLine[] {
  const lines: ScriptLine[] = [];
  let begun: ScriptLine | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // Longer ones were written by no person.
    if (/^\s*(?:#|\/\/)/.test(line) || line.length > maxLine) continue;
    const part = line.replace(/\\$/, ' ');
    const joined: ScriptLine =
      begun === undefined
        ? { text: part, origin: { file: path, line: index + 1 } }
        : { ...begun, text: `${begun.text.trimEnd()} ${part.trim()}` };
    begun = line.endsWith('\\') ? joined : undefined;
    if (begun === undefined)
      lines.push(/(^|\/)Makefile$/.test(path) ? { ...joined, text: fromMake(joined.text) } : joined);
  }
  return lines;
}

/** Make's own forms as a shell would write them. */
function fromMake(line: string): string {
  return line
    .replace(
      /^([A-Za-z_]\w*)\s*[:?]?=\s*(.*)$/,
      (_, name: string, value: string) =>
        `${name}=${/\s/.test(value) && !value.startsWith('$(') ? `"${value}"` : value}`,
    )
    .replaceAll('$(shell ', '$(')
    .replaceAll(/\$\(([A-Za-z_]\w*)\)/g, '${$1}')
    .replaceAll('$$', '$');
}

function assignmentsIn({ text, origin }: ScriptLine): readonly Assignment[] {
  const command = '\\$\\((?:[^()]|\\([^()]*\\))*\\)';
  const value = `("(?:${command}|[^"\\\\]|\\\\.)*"|'[^']*'|\\$\\{\\{[^}]*\\}\\}|${command}|[^\\s;&|"']+)`;
  const inShell = [...text.matchAll(new RegExp(`(?:^|[\\s;&|"'(])([A-Za-z_]\\w*)=${value}`, 'g'))];
  // `env:` of a step, `variables:` of GitLab.
  const inYaml = [...text.matchAll(/^\s*-?\s*([A-Z][A-Z0-9_]+):\s+(\S.*?)\s*$/g)];
  return [...inShell, ...inYaml].map(([, name = '', expression = '']) => ({ name, expression, origin }));
}

/** What each variable was set to. Of several assignments the one that tells most counts. */
function knownVariables(assignments: readonly Assignment[]): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const resolve = (name: string, trail: readonly string[]): Meaning | undefined => {
    const ready = known.get(name);
    if (ready !== undefined || trail.includes(name) || trail.length > 8) return ready?.meaning;
    const own = assignments.filter((one) => one.name === name);
    const found = own.flatMap(({ expression, origin }) => {
      const meaning = meaningOf(expression, (other) => resolve(other, [...trail, name]));
      return meaning === undefined || isItself(expression, name) ? [] : [{ meaning: aliased(meaning, name), origin }];
    });
    const best = found.toSorted((a, b) => rank(a.meaning) - rank(b.meaning))[0];
    if (best !== undefined) known.set(name, best);
    return best?.meaning;
  };
  for (const { name } of assignments) resolve(name, []);
  return known;
}

/** `X: ${{ secrets.PROD_X }}`: who runs a deploy by hand will set X. */
function aliased(meaning: Meaning, name: string): Meaning {
  return meaning.kind === 'env' && !meaning.names.includes(name)
    ? { ...meaning, names: [name, ...meaning.names] }
    : meaning;
}

/** `X=$X`, `X=${X}`: nothing that we didn't know. */
function isItself(expression: string, name: string): boolean {
  return new RegExp(`^["']?\\$\\{?${name}\\}?["']?$`).test(expression.trim());
}

const ranks: readonly Meaning['kind'][] = [
  'terraform',
  'aws',
  'secretsManager',
  'ssm',
  'registry',
  'env',
  'computed',
  'literal',
];

function rank({ kind }: Meaning): number {
  return ranks.indexOf(kind);
}

/** The texts that a `sed` replaces, without those that are patterns. */
function replacedTexts(lines: readonly ScriptLine[], lookup: Lookup): ReadonlyMap<string, Known> {
  const replaced = new Map<string, Known>();
  for (const { text, origin } of lines.filter((line) => /\bsed\b|^\s*(?:-e\s+)?["']?s[|/#,@!]/.test(line.text))) {
    for (const [, , from = '', to = ''] of text.matchAll(
      /(?<![\w/.])s([|/#,@!~])((?:\\.|(?!\1).)+)\1((?:\\.|(?!\1).)*)\1[gI]*/g,
    )) {
      const plain = plainText(from);
      const meaning = plain === undefined ? undefined : meaningOf(to.replaceAll(/\\(.)/g, '$1'), lookup);
      if (plain !== undefined && meaning !== undefined && !replaced.has(plain))
        replaced.set(plain, { meaning, origin });
    }
  }
  return replaced;
}

/** A pattern that matches one text only, as that text. A dot is nearly always meant as one. */
function plainText(pattern: string): string | undefined {
  const text = pattern.replaceAll(/\\([^\w])/g, '$1');
  return /\.\*|\.\+|\\[\w]|\[[^\]]*\]|^\^|[^$]\$$/.test(pattern) || text.length < 2 ? undefined : text;
}
