import { isScalar, Scalar, visit } from 'yaml';
import { countOf } from '../../model/age.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import type { Origin } from '../../model/object.ts';
import { shellQuoted } from '../../model/text.ts';
import { parseYaml } from '../../model/yaml.ts';

/** What has to render a file before it is YAML; `mustache`: it only has placeholders such as `{{ NAME }}`. */
export type TemplateSyntax = 'helm' | 'jinja' | 'mustache';

// No pattern looks past the next brace: else a long row of them would take quadratic time.

/** What only Helm gives a template. */
const helmsOwn = /\{\{-?[^{}]*(?:[.$](?:Values|Release|Chart|Capabilities|Subcharts)\b|\binclude\s+")/;
/** Go's templates: a field (`.x`), a variable (`$x`), or one of the words that an action begins with. */
const goAction =
  /\{\{-?\s*(?:[.$]|\/\*|(?:if|else|end|range|with|include|template|define|block|toYaml|tpl|quote|required|default|printf|lookup)\b(?!\s*\())|\{\{[^{}|]*[\s(][.$]\w/;
const statement = /\{%[^{}]*%\}/;
const placeholder = /^\s*[A-Za-z_][A-Za-z0-9_]*\s*$/;

/**
 * What has to render a text first; undefined for YAML as it is. Braces in the values of valid YAML stay what they are:
 * rules of Prometheus, workflows of Argo and others have their own.
 */
export function templateSyntax(text: string): TemplateSyntax | undefined {
  if (!text.includes('{{') && !text.includes('{%')) return undefined;
  if (isYaml(text)) return helmInScalars(text) ? 'helm' : undefined;
  const syntax = syntaxOf(text);
  // Broken otherwise, with braces in a text that has nothing to do with it.
  return syntax !== undefined && (isCertain(text) || isYaml(withoutActions(text))) ? syntax : undefined;
}

function syntaxOf(text: string): TemplateSyntax | undefined {
  if (helmsOwn.test(text)) return 'helm';
  if (statement.test(text)) return 'jinja';
  const actions = [...text.matchAll(/\{\{-?([^{}]*?)-?\}\}/g)];
  if (actions.length === 0) return undefined;
  if (actions.every(([, inside = '']) => placeholder.test(inside) && !/^\s*(else|end)\s*$/.test(inside)))
    return 'mustache';
  return goAction.test(text) ? 'helm' : 'jinja';
}

function isCertain(text: string): boolean {
  return helmsOwn.test(text) || statement.test(text);
}

function isYaml(text: string): boolean {
  return parseYaml(text).documents.every(({ errors }) => errors.length === 0);
}

/** The text as if everything had been rendered to a word. */
function withoutActions(text: string): string {
  return text
    .replaceAll(/^[ \t]*(?:(?:\{\{[^{}]*\}\}|\{%[^{}]*%\}|\{#[^{}]*#\})[ \t]*)+$/gm, '')
    .replaceAll(/\{%[^{}]*%\}|\{#[^{}]*#\}/g, '')
    .replaceAll(/\{\{[^{}]*\}\}/g, 'x');
}

/** `image: "{{ .Values.image }}"` is YAML; still no value of a cluster. A long text (`|`) may speak of Helm. */
function helmInScalars(text: string): boolean {
  if (!helmsOwn.test(text)) return false;
  let found = false;
  for (const document of parseYaml(text).documents) {
    visit(document, {
      Scalar: (_, node) => {
        if (!isScalar(node) || typeof node.value !== 'string') return undefined;
        if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED) return undefined;
        found ||= helmsOwn.test(node.value);
        return found ? visit.BREAK : undefined;
      },
    });
  }
  return found;
}

/** The finding for a Helm chart, with its files as proof. */
export function chartFinding(folder: string, files: readonly string[], origin?: Origin): Finding {
  const name = shellQuoted(folder.split('/').findLast((part) => /[a-z0-9]/i.test(part)) ?? 'web');
  return errorFinding(
    'manifests/template',
    `${folder} is a Helm chart: its files are no manifests until Helm has rendered them.`,
    `Pipe in what Helm makes of it: helm template ${name} ${shellQuoted(folder)} | oms-deploy up -f - -n <namespace> --yes`,
    { evidence: someOf(files), ...(origin === undefined ? {} : { origin }) },
  );
}

/** The finding for files of one folder that something has to render first. */
export function templatesFinding(syntax: TemplateSyntax, folder: string, files: readonly string[]): Finding {
  const what = files.length === 1 ? files[0] : `${countOf(files.length, 'file')} in ${folder}`;
  const are = files.length === 1 ? 'is' : 'are';
  const evidence = files.length === 1 ? [] : someOf(files);
  const where = files.length === 1 ? { origin: { file: files[0] ?? folder, line: 1 } } : {};
  switch (syntax) {
    case 'helm':
      return errorFinding(
        'manifests/template',
        `${what} ${are} no YAML until Helm has rendered it: there are actions such as {{ .Values.x }}.`,
        'Pipe in what Helm makes of the chart: helm template <release> <chart> | oms-deploy up -f - -n <namespace> --yes',
        { evidence, ...where },
      );
    case 'jinja':
      return errorFinding(
        'manifests/template',
        `${what} ${are} no YAML until Jinja has rendered it: there are tags such as {% if x %} or {{ x | default(1) }}.`,
        'Render it first, with what made it for so far (Ansible, jinja2), and give the result: -f <file>, or -f - for a pipe.',
        { evidence, ...where },
      );
    case 'mustache':
      return errorFinding(
        'manifests/template',
        `${what} ${are} no YAML until placeholders such as {{ NAME }} are filled, and these are off.`,
        'Turn them on in oms-deploy.yaml: placeholders: {styles: [mustache]}. If Jinja has to render it, do that first.',
        { evidence, ...where },
      );
  }
}

function someOf(files: readonly string[]): readonly string[] {
  const shown = 5;
  const rest = files.length - shown;
  return [...files.slice(0, shown), ...(rest > 0 ? [`and ${countOf(rest, 'more file')}`] : [])];
}
