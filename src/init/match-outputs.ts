import { suggest } from '../model/suggest.ts';
import type { OutputEvidence } from './evidence.ts';
import { nameParts, servicesIn, wordsOf } from './names.ts';

/** An output that may be meant: 1 is certain. */
export interface OutputMatch {
  readonly output: OutputEvidence;
  readonly score: number;
  readonly reason: string;
}

/** From here on a match is certain, and from there on it is taken without asking. */
export const certainScore = 0.95;
export const likelyScore = 0.75;
/** From here on it may be the default of a question; below the last one it isn't even worth naming. */
export const nearScore = 0.5;
const candidateScore = 0.4;

/** The outputs that a name may mean, best first. */
export function matchOutputs(name: string, outputs: readonly OutputEvidence[]): readonly OutputMatch[] {
  const near = new Set(
    suggest(
      name,
      outputs.map((output) => output.name),
    ),
  );
  return outputs
    .map((output) => matchOf(name, output, near.has(output.name)))
    .filter(({ score }) => score >= candidateScore)
    .toSorted((a, b) => b.score - a.score || a.output.name.length - b.output.name.length);
}

function matchOf(name: string, output: OutputEvidence, isNear: boolean): OutputMatch {
  const found = (score: number, reason: string): OutputMatch => ({ output, score, reason });
  const [wanted, offered] = [wordsOf(name), wordsOf(output.name)];
  if (wanted.join('_') === offered.join('_')) return found(1, 'an output of this name');
  if (wanted.toSorted().join('_') === offered.toSorted().join('_')) return found(0.96, 'an output of the same words');
  const input = nameParts(name);
  const other = nameParts(output.name);
  const services = servicesOf(output, other.services);
  if (!isSubset(input.qualifiers, other.qualifiers)) return found(0, '');
  const isSameRole = input.role !== undefined && input.role === other.role;
  const isSameService = input.services.size > 0 && isSubset(input.services, services);
  const what = `${[...input.services].join(' and ')} ${input.role ?? ''}`.trim();
  if (isSameRole && isSameService) {
    if (output.hasPort && !wanted.includes('endpoint')) return found(0.6, `the ${what}, but with the port behind it`);
    if (isAside(other.qualifiers, input.qualifiers))
      return found(0.55, `the ${what}, but another one than the main one`);
    if (!isSubset(input.rest, other.rest)) return found(0.45, `also a ${what}`);
    const extra = [...other.rest].filter((word) => !input.rest.has(word)).length;
    const spread = [...other.qualifiers].filter((word) => !input.qualifiers.has(word)).length;
    return found(0.92 - 0.03 * Math.min(extra, 3) - 0.01 * Math.min(spread, 3), `the same by its words: ${what}`);
  }
  if (isSameService && input.role === undefined && other.role === 'name' && isSubset(input.rest, other.rest))
    return found(0.85, `the name of the ${[...input.services].join(' and ')}`);
  const isHostInUrl = input.role === 'url' && other.role === 'host';
  if (isSameService && isHostInUrl && isSubset(input.rest, other.rest))
    return found(0.6, `the host for it, without the rest of the URL`);
  const isRelated = [...input.rest].some((word) => other.rest.has(word));
  if (isSameRole && input.services.size === 0 && input.rest.size > 0 && isSubset(input.rest, other.rest)) {
    const extra = [...other.rest].filter((word) => !input.rest.has(word)).length + (other.services.size > 0 ? 1 : 0);
    return found(0.62 + 0.1 * Math.min(input.rest.size, 3) - 0.02 * Math.min(extra, 3), 'the same by its words');
  }
  if (isNear && isRelated && (input.role === other.role || input.role === undefined))
    return found(0.6, 'a similar name');
  return found(0, '');
}

/** By its name, else by the resource that it comes from, else by what is said of it. */
function servicesOf(
  { expression = '', description = '' }: OutputEvidence,
  named: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = [named, servicesIn(expression), nameParts(description).services];
  return found.find(({ size }) => size > 0) ?? named;
}

/** A reader, a replica: nobody means it who doesn't say so. Modes of a broker's listeners are equals. */
function isAside(offered: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return [...offered].some((word) => asides.has(word) && !wanted.has(word));
}

const asides: ReadonlySet<string> = new Set([
  ...['reader', 'replica', 'read', 'readonly', 'ro', 'private', 'public', 'internal', 'external', 'intra'],
  ...['zookeeper', 'configuration'],
]);

function isSubset(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].every((word) => other.has(word));
}
