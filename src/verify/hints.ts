import type { Finding } from '../model/finding.ts';
import { workloadKinds } from './assess-now.ts';

/**
 * What to do, said to somebody who looks: the hints of kinds are written for one who has just run `up`. "The same
 * command" is none of ours, a log is that of a workload, and `doctor` doesn't send to itself.
 */
export function hintForLooker(finding: Finding): Finding {
  const { object } = finding;
  const name = object !== undefined && isWorkload(object.kind) ? ` ${object.name}` : '';
  const fix = finding.fix
    .replace(/(R|r)un the same command again/, '$1un oms-deploy up again')
    .replace('oms-deploy logs, oms-deploy doctor', 'oms-deploy logs')
    .replace('; oms-deploy doctor compares them', '')
    .replace(/oms-deploy logs(?=[.,;]|$)/, `oms-deploy logs${name}`);
  return { ...finding, fix };
}

function isWorkload(kind: string): boolean {
  return kind === 'Pod' || workloadKinds.some((one) => one === kind);
}
