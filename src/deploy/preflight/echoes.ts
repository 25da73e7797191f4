import type { Finding } from '../../model/finding.ts';
import { rightRefused } from '../../model/right.ts';

/**
 * What the dry runs found, without what the preflight says better: each object that a missing right, a full quota or a
 * webhook without endpoints refuses is one more sign of the same cause.
 */
export function withoutEchoes(found: readonly Finding[], said: readonly Finding[]): readonly Finding[] {
  return found.filter((finding) => !said.some((cause) => isEcho(finding, cause)));
}

function isEcho(finding: Finding, { id, severity, object, evidence }: Finding): boolean {
  if (severity !== 'error') return false;
  const text = [finding.cause, ...finding.evidence].join(' ');
  switch (id) {
    case 'access/denied': {
      const refused = finding.id === 'cluster/forbidden' ? rightRefused(text) : undefined;
      return refused !== undefined && evidence.includes(refused);
    }
    case 'quota/room':
      return finding.id === 'cluster/quota' && text.includes(`quota: ${object?.name ?? ''},`);
    case 'webhooks/endpoints': {
      const [, webhook] = /failed calling webhook "([^"]+)"/.exec(text) ?? [];
      return webhook !== undefined && evidence.some((line) => line.startsWith(`webhook ${webhook},`));
    }
    default:
      return false;
  }
}
