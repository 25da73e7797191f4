import { bySeverity, type Finding } from '../model/finding.ts';
import { formatRef, refKey } from '../model/object.ts';
import { type Absorption, absorptions } from './absorptions.ts';
import type { Checked } from './check.ts';
import { isNotReadyCard } from './checks/workloads.ts';
import type { Facts } from './facts.ts';
import { kinshipOf } from './kinship.ts';

/** A root cause, and what the checks found of it, each at its own part. */
export interface RootCause {
  readonly finding: Finding;
  readonly from: readonly Finding[];
}

const proofShown = 12;

/**
 * The findings of all checks with one card for one root cause, errors first, in an order that two runs share. Each check
 * looks at its own part, so one cause shows in several of them: what comes from another finding becomes its proof, one
 * of its hits, or nothing where it says no more. Which comes from which is told by how the objects belong together, never
 * by ids alone, so that a second cause stays a card of its own, and a guess is no cause:
 *
 * - a workload that isn't ready takes along its restarts, the log errors and events of its unready pods, the older image
 *   that still serves, the image that somebody set by hand, its Services without an endpoint and its HPA without figures
 *   where none of its pods is ready, and the workloads that wait for the very same thing, or for another image with the
 *   same tag;
 * - a ConfigMap, Secret or key that is missing takes along the workloads that wait for it; a quota those that it refuses;
 * - an image of another architecture and a denied port take along the crash that they explain;
 * - an object that doesn't exist takes along the Service, HPA or Ingress that leads to it, a Service without endpoints the load
 *   balancer that has nobody to ask;
 * - a missing metrics API and missing requests take along the HPA without figures; a class that doesn't exist the Ingress
 *   that nobody answers; a namespace that is being deleted its objects.
 */
export function rootCauses(checked: readonly Checked[], facts: Facts): readonly RootCause[] {
  const kinship = kinshipOf(facts);
  const found = checked.flatMap(({ result }) => result.findings);
  const ids = found.map(({ id }) => id);
  const inOrder = (a: Finding, b: Finding): number =>
    ids.indexOf(a.id) - ids.indexOf(b.id) || compare(keyOf(a), keyOf(b));
  const origins = new Map(found.map((finding) => [finding, [finding]]));
  let left = found.toSorted(inOrder);
  for (const absorption of absorptions) {
    for (const minor of left.filter(({ id }) => absorption.minor.test(id))) {
      const own = left.indexOf(minor);
      const major = left.find(
        (one, index) =>
          index !== own &&
          (absorption.mutual !== true || index < own) &&
          absorption.major.test(one.id) &&
          absorption.comesFrom(minor, one, kinship),
      );
      if (major === undefined || own < 0) continue;
      const joined = join(major, minor, absorption.leaves);
      origins.set(joined, [...(origins.get(major) ?? []), ...(origins.get(minor) ?? [])]);
      left = left.flatMap((one) => (one === minor ? [] : [one === major ? joined : one]));
    }
  }
  const sorted = left.toSorted((a, b) => bySeverity(a, b) || inOrder(a, b));
  return sorted.map((finding) => ({ finding, from: origins.get(finding) ?? [] }));
}

function join(major: Finding, minor: Finding, leaves: Absorption['leaves']): Finding {
  const severity = (bySeverity(minor, major) < 0 ? minor : major).severity;
  const hits = [...(major.hits ?? []), ...hitsOf(minor, leaves), ...(minor.hits ?? [])];
  const added = { evidence: minor.evidence, sentence: [clauseOf(minor)], hit: [], cause: [], nothing: [] }[leaves];
  const fresh = added.filter((line) => !isSaid(line, major.evidence));
  // A log stays the last word.
  const log = major.evidence.findIndex((line) => line.startsWith('the last lines of its log'));
  const end = log < 0 || fresh.some((line) => line.startsWith('| ')) ? major.evidence.length : log;
  const evidence = [...major.evidence.slice(0, end), ...fresh, ...major.evidence.slice(end)].slice(0, proofShown);
  return { ...major, severity, evidence, ...(hits.length === 0 ? {} : { hits: [...new Set(hits)] }) };
}

/** Where the cause is said already, the name of a workload that waits for it is enough. */
function hitsOf(minor: Finding, leaves: Absorption['leaves']): readonly string[] {
  if (leaves !== 'hit' && leaves !== 'cause') return [];
  const { object, cause } = minor;
  const isKnown = leaves === 'hit' && object !== undefined && isNotReadyCard(minor);
  return [isKnown ? `${formatRef(object)} is not ready` : cause.replace(/\.$/, '')];
}

/** What is said of an object that the reader knows already. */
function clauseOf({ cause, object }: Finding): string {
  const clause = cause.replace(/\.$/, '');
  return object === undefined ? clause : clause.slice(formatRef(object).length + 1);
}

/** The same line, or another one about the same container: `pod web-a, container web: `. */
function isSaid(line: string, evidence: readonly string[]): boolean {
  const [place] = /^pod \S+, (?:init )?container \S+: /.exec(line) ?? [];
  return evidence.some((one) => one === line || (place !== undefined && one.startsWith(place)));
}

function keyOf({ object, id, cause }: Finding): string {
  return [object === undefined ? '' : refKey(object), id, cause].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
