import type { Cluster } from '../cluster/cluster.ts';
import { countOf } from '../model/age.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatOrigin, formatRef, type ObjectRef, type Origin, refKey } from '../model/object.ts';
import type { Problem } from '../model/readiness.ts';
import { sentence } from '../model/text.ts';
import type { World } from '../model/world.ts';
import { withLogOf } from './hints.ts';
import { meaningOf } from './last-words.ts';
import { type LogTail, readLogTail } from './log-tail.ts';
import { originOfProblem } from './problem-origin.ts';

/** An object that is not as it should be, and what keeps it from it. */
export interface Patient {
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  /** Its share, for people: `1 of 3 pods`. */
  readonly share?: string;
  /** What waits for it alone, a clause each: it is hit, too. */
  readonly dependents?: readonly string[];
}

/** A patient of a card. Of one cause each has its own place: their containers have names of their own. */
interface Hit extends Patient {
  readonly place: Origin;
}

/** One root cause, and all that it hits. */
interface Card {
  readonly problem: Problem;
  readonly patients: readonly Hit[];
  readonly evidence: readonly string[];
  readonly log?: LogTail | undefined;
}

const evidenceShown = 3;
const logLinesShown = 8;
/** A log is a request: of more causes than these nobody reads all logs at once. */
const logsRead = 6;

/**
 * A finding for each distinct root cause, over all workloads that it hits, with the proof: states, events, the last
 * lines of the log. Reads logs, so it must run before anything is undone.
 */
export async function diagnose(
  patients: readonly Patient[],
  world: World,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const cards = mergeCards(patients.flatMap(cardsOf));
  const withLogs = await Promise.all(
    cards.map(async (card, index) => {
      const { container } = card.problem;
      if (container === undefined || index >= logsRead) return card;
      return { ...card, log: await readLogTail(container, world, cluster, signal) };
    }),
  );
  return mergeCards(withLogs).map(findingOf);
}

function cardsOf(patient: Patient): readonly Card[] {
  return patient.problems.map((problem) => {
    const hit = { ...patient, place: originOfProblem(patient.manifest, problem) };
    return { problem, patients: [hit], evidence: problem.evidence };
  });
}

/** Cards of the same cause become one. Crashes are the same if they say the same at the end. */
function mergeCards(cards: readonly Card[]): readonly Card[] {
  const merged = new Map<string, Card>();
  for (const card of cards) {
    const key = cardKey(card);
    const known = merged.get(key);
    merged.set(key, known === undefined ? card : join(known, card));
  }
  return [...merged.values()];
}

function cardKey({ problem, patients, log }: Card): string {
  const { id, general, subject = general, cause, container } = problem;
  const said = log?.lines.at(-1);
  // Before its log is read, what needs a log is only the same within one workload.
  const where = container === undefined || said !== undefined ? (said ?? '') : patients.map(nameOf).join(' ');
  return [id, subject ?? cause, where].join('\n');
}

function nameOf({ manifest }: Patient): string {
  return refKey(manifest.ref);
}

function join(a: Card, b: Card): Card {
  const more = b.patients.filter((patient) => !a.patients.some((known) => nameOf(known) === nameOf(patient)));
  const evidence = [...a.evidence, ...b.evidence.filter((line) => !a.evidence.includes(line))];
  const { cause, general = cause } = a.problem;
  const problem = b.problem.cause === cause ? a.problem : { ...a.problem, cause: general };
  return { ...a, problem, patients: [...a.patients, ...more], evidence };
}

function findingOf({ problem, patients, evidence, log }: Card): Finding {
  const [first, ...others] = patients;
  const fix = first === undefined || others.length > 0 ? problem.fix : withLogOf(first.manifest.ref, problem.fix);
  const said = problem.id === 'container/crash' ? meaningOf(log?.lines ?? []) : undefined;
  const cause = said === undefined ? problem.cause : `${problem.cause}: ${said.why}`;
  const extra = evidence.length - evidenceShown;
  const proof = [
    ...evidence.slice(0, evidenceShown),
    ...(extra > 0 ? [`and ${countOf(extra, 'more place')} that ${extra === 1 ? 'says' : 'say'} the same`] : []),
    ...logLines(log),
  ];
  return {
    id: problem.id,
    severity: 'error',
    ...(first === undefined ? {} : { object: first.manifest.ref, origin: first.place }),
    cause: sentence(`${names(patients.map(({ manifest }) => manifest.ref))}: ${cause}`),
    evidence: proof,
    hits: patients.flatMap(({ manifest, share, place, dependents = [] }) => [
      // The place of one alone is said with the card.
      `${formatRef(manifest.ref)}${share === undefined ? '' : ` (${share})`}${patients.length === 1 ? '' : `, ${formatOrigin(place)}`}`,
      ...dependents,
    ]),
    fix: said?.fix ?? fix,
  };
}

function logLines(log: LogTail | undefined): readonly string[] {
  if (log === undefined || log.lines.length === 0) return [];
  const head = log.previous ? 'the last lines of its log before the restart:' : 'the last lines of its log:';
  return [head, ...log.lines.slice(-logLinesShown).map((line) => `| ${line}`)];
}

/** `Deployment crypto-oms/a`, `a and b`, `a, b and 2 more`. */
function names(refs: readonly ObjectRef[]): string {
  const [first, ...others] = refs;
  if (first === undefined) return '';
  if (others.length === 0) return formatRef(first);
  const short = refs.map(({ name }) => name);
  if (short.length <= 3) return `${short.slice(0, -1).join(', ')} and ${short.at(-1) ?? ''}`;
  return `${short.slice(0, 2).join(', ')} and ${short.length - 2} more`;
}
