import { hookOf } from '../manifests/hooks.ts';
import type { Finding } from '../model/finding.ts';
import type { ObjectRef } from '../model/object.ts';
import type { World } from '../model/world.ts';
import { workloadKinds } from './assess-now.ts';

/**
 * What to do, said to somebody who looks: the hints of kinds are written for one who has just run `up`. "The same
 * command" is none of ours, a log is that of a workload, `doctor` doesn't send to itself, and the Job of a hook is made
 * anew by the next deploy.
 */
export function hintForLooker(finding: Finding, world: World): Finding {
  const { object } = finding;
  const live = object === undefined ? undefined : world.get(object);
  const isHook = live !== undefined && hookOf(live) !== undefined;
  const said = finding.fix
    .replace(
      /, delete the Job and run the same command again/,
      isHook ? ' and run oms-deploy up: it makes the Job anew' : '$&',
    )
    .replace(/(R|r)un the same command again/, '$1un oms-deploy up again')
    .replace('oms-deploy logs, oms-deploy doctor', 'oms-deploy logs')
    .replace('; oms-deploy doctor compares them', '');
  return { ...finding, fix: object === undefined ? said : withLogOf(object, said) };
}

/** A hint that sends to the logs sends to those of the workload that is hit: all of them together tell little. */
export function withLogOf({ kind, name }: ObjectRef, fix: string): string {
  return isWorkload(kind) ? fix.replace(/oms-deploy logs(?=[.,;]|$)/, (command) => `${command} ${name}`) : fix;
}

function isWorkload(kind: string): boolean {
  return kind === 'Pod' || workloadKinds.some((one) => one === kind);
}
