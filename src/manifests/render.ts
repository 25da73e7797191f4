import { type Document, isScalar } from 'yaml';
import { messageOf } from '../errors.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Origin } from '../model/object.ts';
import { sentence } from '../model/text.ts';
import { parseYaml } from '../model/yaml.ts';
import { fillDocument, type Pass, type Values } from './fill-document.ts';
import { objectsIn } from './objects.ts';
import { applyOverrides, fillOverrides, type Override } from './overrides.ts';
import { withoutTokens } from './placeholders/tokens.ts';
import { exportedFinding } from './sources/exported.ts';
import { originIn, type SourceFile } from './sources/source-file.ts';
import { createUnresolved, unresolvedFindings } from './unresolved.ts';

export interface Rendering {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

const none = { overrides: [], isPart: false };

/** Turns manifest files and inputs into manifests. Works on the YAML tree: a value can't change the structure. */
export function render(
  files: readonly SourceFile[],
  values: Values,
  { overrides, isPart }: { readonly overrides: readonly Override[]; readonly isPart: boolean } = none,
): Rendering {
  const pass: Pass = { values, findings: [], unresolved: createUnresolved(), lacking: [] };
  const exported: Manifest[] = [];
  const rendered = files.flatMap((file) => renderFile(file, pass, exported));
  // Of what could not be rendered nobody knows whether it has the object.
  const isWhole = !isPart && pass.lacking.length === 0 && errorsOf(pass.findings).length === 0;
  const { manifests, findings } = applyOverrides(rendered, fillOverrides(overrides, pass), isWhole);
  pass.findings.push(...findings, ...exportedFinding(exported));
  return { manifests, findings: [...pass.findings, ...unresolvedFindings(pass.unresolved, values)] };
}

/** Adds to `exported` what came from a cluster. */
function renderFile(file: SourceFile, pass: Pass, exported: Manifest[]): readonly Manifest[] {
  const { documents, lines } = parseYaml(file.text);
  return documents.flatMap((document) => {
    const originAt = (offset: number): Origin => originIn(file, lines.linePos(offset).line);
    const start = originAt(document.contents?.range?.[0] ?? 0);
    // What follows the first error is mostly its consequence.
    const [error] = document.errors;
    if (error !== undefined) {
      const cause = sentence(`The file isn't valid YAML: ${firstLine(withoutTokens(error.message))}`);
      pass.findings.push(
        errorFinding('manifests/yaml', cause, 'Correct the file.', { origin: originAt(error.pos[0]) }),
      );
      return [];
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    const filled = fillDocument(document, originAt, pass);
    const body = toPlain(document, start, pass);
    if (filled === undefined) pass.lacking.push(start);
    if (body === undefined || filled === undefined) return [];
    return objectsIn({ body, document, originAt, start, filled, addon: file.addon }).flatMap((found) => {
      if ('finding' in found) {
        pass.findings.push(found.finding);
        return [];
      }
      if (found.isExported) exported.push(found.manifest);
      return [found.manifest];
    });
  });
}

function toPlain(document: Document, origin: Origin, pass: Pass): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch (error) {
    const cause = `The file can't be read as YAML: ${firstLine(messageOf(error))}`;
    pass.findings.push(errorFinding('manifests/yaml', cause, 'Correct the file.', { origin }));
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}
