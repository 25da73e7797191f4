import type { Finding } from '../model/finding.ts';
import { envNameOf } from './names.ts';
import type { Search } from './sources.ts';
import type { InputSpec } from './specs.ts';

/** An input that was looked for. */
export interface Sought {
  readonly name: string;
  readonly spec: InputSpec;
  readonly search: Search;
}

/** What became of the inputs that were looked for. */
interface Outcome {
  /** Without a value, because a place could not be read. */
  readonly waiting: readonly Sought[];
  /** Without a value, and somebody can be asked. */
  readonly toAsk: readonly Sought[];
  readonly others: readonly Sought[];
}

/** A place that could not be read, with an input that waits for it. */
interface Need {
  readonly finding: Finding;
  readonly input?: string;
  /** The input can be given by hand in place of what failed. */
  readonly isReplaceable?: boolean;
}

/** What is said of the places that could not be read: of Terraform, of AWS, of secrets and parameters in AWS. */
export function placeFindings(
  { waiting, toAsk, others }: Outcome,
  terraform: readonly Finding[],
  aws: readonly Finding[],
): readonly Finding[] {
  return findingsOf([
    ...neededFor(terraform, 'terraform', waiting, false),
    ...neededFor(aws, 'aws', waiting, true).map((need) =>
      need.input === undefined ? withDefaults(need, others) : need,
    ),
    ...waiting.flatMap(storedNeeds),
    ...toAsk.flatMap(storedNeeds).map(({ finding, ...need }) => ({ finding: asWarning(finding), ...need })),
    ...others.flatMap(unreadOptional),
  ]);
}

/** What stops nothing, with the inputs whose default holds in place of the answer. */
function withDefaults(need: Need, others: readonly Sought[]): Need {
  const names = others.filter(({ search }) => search.unread.includes('aws')).map(({ name }) => name);
  if (names.length === 0) return need;
  const { finding } = need;
  return {
    finding: { ...finding, evidence: [...finding.evidence, `Asked for ${names.join(', ')}: the default holds`] },
  };
}

/** Whether a secret or parameter that could have the value gave none. */
export function hasFailed({ search }: Sought): boolean {
  return search.failures.length + search.absences.length > 0;
}

/** The finding with the inputs that wait for what failed. */
export function withNeed(finding: Finding, names: readonly string[]): Finding {
  if (names.length === 0) return finding;
  return { ...finding, evidence: [...finding.evidence, `Needed for: ${names.join(', ')}`] };
}

/**
 * One finding for each failure, with the inputs that wait for it: two secrets that can't be read because nobody is logged
 * in are one problem. It is an error where it is one for any of them.
 */
function findingsOf(needs: readonly Need[]): readonly Finding[] {
  const groups = new Map<string, Need[]>();
  for (const need of needs) {
    const key = `${need.finding.id} ${need.finding.cause}`;
    groups.set(key, [...(groups.get(key) ?? []), need]);
  }
  return [...groups.values()].flatMap((group) => {
    const worst = group.find(({ finding }) => finding.severity === 'error') ?? group[0];
    if (worst === undefined) return [];
    const names = group.flatMap(({ input }) => input ?? []);
    const replaceable = group.filter(({ isReplaceable }) => isReplaceable === true).flatMap(({ input }) => input ?? []);
    return [byHand(withNeed(worst.finding, [...new Set(names)]), [...new Set(replaceable)])];
  });
}

function byHand(finding: Finding, names: readonly string[]): Finding {
  if (names.length === 0) return finding;
  const set = `et ${names.map(envNameOf).join(' and ')}`;
  const { fix } = finding;
  // A command at the end stays there, to be copied.
  const isSentence = /[.!?]$/.test(fix);
  return {
    ...finding,
    fix: isSentence ? `${fix} Or s${set}.` : `S${set}, or ${fix.charAt(0).toLowerCase()}${fix.slice(1)}`,
  };
}

/** A place that can't be read is reported once, with the inputs that wait for it, instead of one message for each. */
function neededFor(
  findings: readonly Finding[],
  place: 'terraform' | 'aws',
  waiting: readonly Sought[],
  isFallback: boolean,
): readonly Need[] {
  const names = waiting.filter(({ search }) => search.unread.includes(place)).map(({ name }) => name);
  return findings.flatMap((finding): readonly Need[] => {
    // Account and region may be given by hand; what comes from Terraform has more names than one.
    if (names.length > 0) return names.map((input) => ({ finding, input, isReplaceable: place === 'aws' }));
    // Nobody asked for AWS by a flag: where another source had the value, its failure stops nothing.
    return [{ finding: isFallback ? asWarning(finding) : finding }];
  });
}

function storedNeeds({ name: input, search }: Sought): readonly Need[] {
  return [...search.failures, ...search.absences].map((finding) => ({ finding, input, isReplaceable: true }));
}

/**
 * An optional input may be absent, but whether its secret is there must be known: pods without their password would fail.
 * Where another source had the value, it stops nothing.
 */
function unreadOptional(sought: Sought): readonly Need[] {
  const { spec, search } = sought;
  const isAbsent = search.found === undefined && spec.optional && spec.compose === undefined;
  if (isAbsent) return storedNeeds({ ...sought, search: { ...search, absences: [] } });
  return search.failures.map((finding) => ({ finding: asWarning(finding) }));
}

/** The same as a warning: another place had the value. */
function asWarning(finding: Finding): Finding {
  return { ...finding, severity: 'warning' };
}
