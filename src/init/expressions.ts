import type { Meaning } from './evidence.ts';

/** Looks up what a variable was set to; undefined where nothing sets it. */
export type Lookup = (name: string) => Meaning | undefined;

/**
 * What an expression of a shell or of GitHub's workflows stands for: `$(terraform output -raw redis_endpoint)`,
 * `${{ secrets.DB_PASSWORD }}`, `$AWS_ACCOUNT`. Undefined where that can't be told.
 */
export function meaningOf(expression: string, lookup: Lookup): Meaning | undefined {
  const text = unquoted(expression.trim());
  return (
    computed(text, lookup) ??
    inTerraform(text) ??
    inAws(text, lookup) ??
    inCommit(text) ??
    inWorkflow(text, lookup) ??
    inShell(text, lookup)
  );
}

/** A part of a variable (`${X%%:*}`, `${X:0:5}`), or what `cut`, `sed` or another filter makes of one or of an output. */
function computed(text: string, lookup: Lookup): Meaning | undefined {
  const [, part] = /^\$\{([A-Za-z_]\w*)(?:[%#/^,]|:\d)[^}]*\}$/.exec(text) ?? [];
  const isFiltered =
    /^(?:\$\(|`).*(?:\||<<<).*\b(?:cut|sed|awk|basename|dirname)\b|^(?:\$\(|`)\s*(?:cut|sed|awk|basename|dirname)\b/s.test(
      text,
    );
  if (part === undefined && !(isFiltered && !inAwsCall.test(text))) return undefined;
  const direct = inTerraform(text);
  const named = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => lookup(name));
  const [output] = [direct, ...named].flatMap((one) =>
    one?.kind === 'terraform' || one?.kind === 'computed' ? (one.output ?? []) : [],
  );
  return { kind: 'computed', ...(output === undefined ? {} : { output }) };
}

const inAwsCall = /\baws\s+(?:sts|configure|secretsmanager|ssm)\b|\bgit\s/;

/** The output that a call of Terraform, OpenTofu or Terragrunt prints. */
function inTerraform(text: string): Meaning | undefined {
  const [, output] =
    /\b(?:terraform|tofu|terragrunt)\b[^|;&]*?\boutput\b(?:\s+-[\w-]+(?:=\S+)?)*\s+["']?([A-Za-z_][\w-]*)/.exec(text) ??
    [];
  if (output !== undefined) return { kind: 'terraform', output };
  const [, named] = /\boutput\s+-json\b.*\bjq\b[^.]*['"]?\.([A-Za-z_]\w*)\.value/.exec(text) ?? [];
  return named === undefined ? undefined : { kind: 'terraform', output: named };
}

function inAws(text: string, lookup: Lookup): Meaning | undefined {
  if (/\baws\s+sts\s+get-caller-identity\b/.test(text)) return { kind: 'aws', fact: 'account' };
  if (/\baws\s+configure\s+get\s+region\b/.test(text)) return { kind: 'aws', fact: 'region' };
  const [, secret] = /\bget-secret-value\b.*?--secret-id[ =]+("[^"]*"|'[^']*'|[^\s|)]+)/.exec(text) ?? [];
  if (secret !== undefined) {
    const [, key] = /\bjq\b[^|]*?\.([A-Za-z_]\w*)["']?\s*\)?$/.exec(text) ?? [];
    return { kind: 'secretsManager', id: idOf(secret, lookup), ...(key === undefined ? {} : { key }) };
  }
  const [, parameter] = /\bssm\s+get-parameter\b.*?--name[ =]+("[^"]*"|'[^']*'|[^\s|)]+)/.exec(text) ?? [];
  return parameter === undefined ? undefined : { kind: 'ssm', name: idOf(parameter, lookup) };
}

function idOf(word: string, lookup: Lookup): string | { readonly terraform: string } {
  const meaning = meaningOf(word, lookup);
  if (meaning?.kind === 'terraform') return { terraform: meaning.output };
  return meaning?.kind === 'literal' ? meaning.value : unquoted(word);
}

/** The commit that is built: each CI service has a variable for it. */
function inCommit(text: string): Meaning | undefined {
  const isCommit = /\bgit\s+(?:rev-parse|describe)\b|\$\{\{\s*github\.sha\s*\}\}/.test(text);
  return isCommit ? { kind: 'env', names: ['GITHUB_SHA'], isSecret: false } : undefined;
}

function inWorkflow(text: string, lookup: Lookup): Meaning | undefined {
  const [, path] = /^\$\{\{\s*([\w.-]+)\s*(?:\|\|[^}]*)?\}\}$/.exec(text) ?? [];
  if (path === undefined) return undefined;
  const [context = '', ...rest] = path.split('.');
  const name = rest.at(-1) ?? '';
  if (context === 'secrets') return { kind: 'env', names: [name], isSecret: true };
  if (context === 'vars' || context === 'inputs' || path.startsWith('github.event.inputs.'))
    return lookup(name) ?? { kind: 'env', names: [name.toUpperCase()], isSecret: false };
  if (path === 'github.ref_name') return { kind: 'env', names: ['GITHUB_REF_NAME'], isSecret: false };
  if (/^steps\.[\w-]*ecr[\w-]*\.outputs\.registry$/.test(path)) return { kind: 'registry' };
  return context === 'env' || context === 'steps' || context === 'needs' ? lookup(name) : undefined;
}

function inShell(text: string, lookup: Lookup): Meaning | undefined {
  const [, name, fallback] = /^\$\{?([A-Za-z_]\w*)(?::?-([^}]*))?\}?$/.exec(text) ?? [];
  if (name !== undefined) {
    const given = fallback === undefined || fallback === '' ? {} : { fallback: unquoted(fallback) };
    return lookup(name) ?? { kind: 'env', names: [name], isSecret: false, ...given };
  }
  if (/^[^\s$`]+\.dkr\.ecr\.\S+$|\.dkr\.ecr\.[^/\s]+\.amazonaws\.com(?:\.cn)?$/.test(text) && text.includes('$'))
    return { kind: 'registry' };
  return text === '' || /[$`]/.test(text) ? undefined : { kind: 'literal', value: text };
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}
