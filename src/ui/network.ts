import type { Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import { groupBy } from '../model/group.ts';
import { withShown } from '../model/visible.ts';
import type { NetworkCell } from '../verify/network/matrix.ts';
import type { NetworkRead } from '../verify/network/read-network.ts';
import { formatFinding } from './format.ts';
import { table } from './table.ts';

/** Who may ask whom, a table for each that is asked. */
export function formatNetwork(read: NetworkRead, namespace: string, style: Style): string {
  const { policies, cells, findings, isSandbox } = withShown(read, style.value);
  const allowed = cells.filter(({ isAllowed }) => isAllowed).length;
  const head = `${countOf(policies.length, 'NetworkPolicy', 'NetworkPolicies')} in namespace ${namespace}`;
  const byTarget = groupBy(cells, ({ to, port, protocol }) => `${to} ${port}/${protocol}`);
  return [
    `${style.strong(head)}   ${style.faint(`${allowed} of ${countOf(cells.length, 'connection')} allowed`)}`,
    ...[...byTarget].flatMap(([target, those]) => [
      '',
      `to ${style.strong(target)}`,
      ...table(
        ['', 'from', 'who says so'],
        those.map((cell) => row(cell, style)),
      ).slice(1),
    ]),
    ...(findings.length === 0 ? [] : ['', ...findings.flatMap((finding) => formatFinding(finding, style))]),
    '',
    'It is worked out from the policies and labels: no packet was sent. oms-deploy verify asks the pods themselves.',
    ...(isSandbox ? ['A sandbox enforces none of them: what is denied above is let through here.'] : []),
    '',
  ].join('\n');
}

function row({ from, isAllowed, deniedAt, by }: NetworkCell, style: Style): readonly string[] {
  const mark = isAllowed ? style.good(style.marks.done) : style.bad(style.marks.failed);
  const names = by.join(', ');
  if (isAllowed) return [mark, from, names || 'no policy: everything is open'];
  return [mark, from, `denied on its way ${deniedAt === 'egress' ? 'out' : 'in'} by ${names}: no policy allows it`];
}
