import { factsOf, newestMinor } from '../lint/facts.ts';
import { runRule } from '../lint/lint.ts';
import { manifestsUnknownField } from '../lint/rules/manifests-unknown-field.ts';
import { manifestsUnknownKind } from '../lint/rules/manifests-unknown-kind.ts';
import type { Finding } from '../model/finding.ts';
import { type Manifest, manifestFor } from '../model/manifest.ts';

/** What the API server says, and the rule of lint that may know what was meant. */
const rules = [
  ['manifests/unknown-field', manifestsUnknownField],
  ['cluster/unknown-kind', manifestsUnknownKind],
] as const;

/**
 * What is unknown to the API server, with what may be meant: it names the first wrong field of an object alone, and no name
 * that is near. Lint knows both for the kinds of Kubernetes' own; of others the server's word stays. The table of fields is
 * loaded only then.
 */
export async function withSuggestions(
  findings: readonly Finding[],
  manifests: readonly Manifest[],
): Promise<readonly Finding[]> {
  if (!findings.some(({ id }) => rules.some(([said]) => said === id))) return findings;
  const { loadFieldTable } = await import('../lint/fields.ts');
  const around = { isWhole: false, minor: newestMinor, allowLatest: true, fields: await loadFieldTable() };
  return findings.flatMap((finding, index) => {
    const { id, object } = finding;
    const rule = rules.find(([said]) => said === id)?.[1];
    const manifest = object && manifestFor(manifests, object);
    if (rule === undefined || manifest === undefined) return [finding];
    const known = runRule(rule, factsOf([manifest], [manifest], around));
    if (known.length === 0) return [finding];
    // All of an object stand where the server's first word about it did.
    const isFirst = findings.findIndex((one) => one.id === id && one.object === object) === index;
    return isFirst ? known : [];
  });
}
