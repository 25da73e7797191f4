import type { Finding } from '../model/finding.ts';
import type { ObjectRef } from '../model/object.ts';

/**
 * The findings without the namespace in which manifests are judged that name none: nobody wrote it, and they may be meant
 * for another one.
 */
export function withoutNamespace(findings: readonly Finding[], namespace: string): readonly Finding[] {
  const named = new RegExp(String.raw`\b([A-Z]\w*) ${namespace}/`, 'g');
  const plain = (text: string): string => text.replaceAll(named, '$1 ');
  return findings.map((finding) => {
    const { object, hits, evidence } = finding;
    return {
      ...finding,
      cause: plain(finding.cause),
      evidence: evidence.map(plain),
      ...(hits === undefined ? {} : { hits: hits.map(plain) }),
      ...(object?.namespace === namespace ? { object: withoutPlace(object) } : {}),
    };
  });
}

function withoutPlace({ apiVersion, kind, name }: ObjectRef): ObjectRef {
  return { apiVersion, kind, name };
}
