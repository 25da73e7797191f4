import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlaceholderStyle } from '../../config/schema.ts';
import { countOf } from '../../model/age.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { type Classified, classify } from './classify.ts';
import { displayName } from './names.ts';
import type { SourceFile } from './source-file.ts';
import { chartFinding, type TemplateSyntax, templateSyntax, templatesFinding } from './templates.ts';

/** What became of something that was selected. `path` is absent for standard input. */
export type Read =
  | { readonly state: 'rendered'; readonly file: SourceFile }
  | { readonly state: 'file'; readonly file: SourceFile; readonly path?: string; readonly isNamed: boolean }
  | { readonly state: 'wrong'; readonly finding: Finding };

interface Group {
  readonly syntax: TemplateSyntax;
  readonly folder: string;
  readonly isChart: boolean;
  readonly files: string[];
}

/** Keeps the manifests; one finding for each chart or folder of templates, and one for all that is passed over. */
export function sift(
  read: readonly Read[],
  wrong: readonly Finding[],
  { styles, cwd }: { readonly styles: readonly PlaceholderStyle[]; readonly cwd: string },
): { readonly files: readonly SourceFile[]; readonly findings: readonly Finding[] } {
  const files: SourceFile[] = [];
  const findings = [...wrong];
  const groups = new Map<string, Group>();
  const skipped: string[] = [];
  for (const one of read) {
    if (one.state === 'wrong') {
      findings.push(one.finding);
      continue;
    }
    const { file } = one;
    const syntax = one.state === 'rendered' ? undefined : templateSyntax(file.text);
    const classified = one.state === 'rendered' ? manifest : classify(file.name, file.text);
    if (syntax !== undefined && !(syntax === 'mustache' && styles.includes('mustache'))) {
      const chart = one.state === 'file' && one.path !== undefined ? chartAround(one.path) : undefined;
      const folder = chart ?? (one.state === 'file' && one.path !== undefined ? dirname(one.path) : undefined);
      const key = `${syntax} ${folder ?? '-'}`;
      const group = groups.get(key) ?? {
        syntax,
        folder: folder === undefined ? 'standard input' : displayName(folder, cwd),
        isChart: chart !== undefined,
        files: [],
      };
      group.files.push(file.name);
      groups.set(key, group);
    } else if (classified.state === 'manifest') files.push(file);
    else if (one.state === 'file' && one.isNamed) {
      const finding = namedFinding(file, classified);
      if (finding === undefined) files.push(file);
      else findings.push(finding);
    } else if (classified.state === 'other') skipped.push(`${file.name}: ${classified.what}`);
  }
  for (const { syntax, folder, isChart, files: names } of groups.values())
    findings.push(isChart && syntax === 'helm' ? chartFinding(folder, names) : templatesFinding(syntax, folder, names));
  return { files, findings: [...findings, ...skippedFinding(skipped, files.length === 0 && findings.length === 0)] };
}

const manifest: Classified = { state: 'manifest' };

/** A file that was named, and can't be meant. One without apiVersion and kind is told by its documents. */
function namedFinding({ name }: SourceFile, classified: Classified): Finding | undefined {
  const where = { origin: { file: name, line: 1 } };
  if (classified.state === 'configuration') {
    const cause = `${name} is a configuration of oms-deploy, no manifest.`;
    return errorFinding('manifests/other', cause, `Give it as such: --config ${name}.`, where);
  }
  if (classified.state !== 'other' || !classified.isForeign) return undefined;
  const cause = `${name} is ${classified.what}, no manifest: no cluster knows such an object.`;
  return errorFinding('manifests/other', cause, 'Take it out of the manifests.', where);
}

function skippedFinding(skipped: readonly string[], isAll: boolean): readonly Finding[] {
  if (skipped.length === 0) return [];
  if (isAll) {
    const cause = 'There is no manifest: no file that was found holds a Kubernetes object.';
    return [
      errorFinding('manifests/empty', cause, 'Name the folder with your manifests: --manifests <path>.', {
        evidence: skipped,
      }),
    ];
  }
  const [is, an] = skipped.length === 1 ? ['is', 'a manifest'] : ['are', 'manifests'];
  return [
    {
      id: 'manifests/skipped',
      severity: 'info',
      cause: `${countOf(skipped.length, 'file')} ${is} not ${an}, and left out.`,
      evidence: skipped,
      fix: "Leave them out by name to hear no more of it: a path with ! before it, such as -f '!k8s/values.yaml'.",
    },
  ];
}

/** The folder of the chart that a file belongs to. */
function chartAround(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'Chart.yaml'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
