import { allContainers, specOfPods } from '../../manifests/pod-template.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { at } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import type { Facts } from '../facts.ts';

/** Strict field validation is on since this version (beta of KEP-2885): an older server would drop what it doesn't know. */
const oldestMinor = 25;
/** `preStop.sleep` is on since this version (beta of KEP-3960): an older server drops the hook, and pods end at once. */
const sleepMinor = 30;

/** What the API server must be able to do for this plan. */
export const clusterVersionCheck: Check = {
  id: 'cluster/version',
  summary: 'the API server is new enough for strict validation, and for what the manifests use',
  commands: ['preflight'],
  needs: [],
  run(facts) {
    const version = facts.ahead?.version ?? '';
    const minor = minorOf(version);
    if (minor === undefined) return { passed: '', findings: [] };
    return { passed: `Kubernetes ${version} is new enough`, findings: judge(minor, version, facts) };
  },
};

function judge(minor: number, version: string, facts: Facts): readonly Finding[] {
  if (minor < oldestMinor) {
    const cause = `The API server is ${version}: before 1.${oldestMinor} it silently drops fields that it doesn't know.`;
    return [errorFinding('cluster/version', cause, `Update the cluster to 1.${oldestMinor} or newer.`)];
  }
  if (minor >= sleepMinor) return [];
  return facts.declared
    .filter(({ body }) =>
      allContainers(specOfPods(body)).some((one) => at(one, 'lifecycle', 'preStop', 'sleep') !== undefined),
    )
    .map(({ body, origin }) => {
      const cause = `has a preStop.sleep, which the API server ${version} does not know: it came with 1.${sleepMinor}`;
      const fix = 'Update the cluster, or sleep by a command: preStop.exec.command: [sleep, "20"].';
      return { ...problemOf('cluster/version', refOf(body), cause, fix), origin };
    });
}

/** The minor version of `v1.36.3` or `v1.31.2-eks-7f9249a`; undefined for what isn't Kubernetes 1. */
function minorOf(version: string): number | undefined {
  const [, minor] = /^v?1\.(\d+)/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
