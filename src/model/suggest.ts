/**
 * The names that somebody may have meant by `wanted`, best first, at most three.
 * A name is near when a third of its letters (at least two) would have to change: `kafka_bootstrap_servers`
 * finds `kafka_bootstrap_brokers`.
 */
export function suggest(wanted: string, names: Iterable<string>): readonly string[] {
  const goal = normalize(wanted);
  const limit = Math.max(2, Math.floor(goal.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: editDistance(goal, normalize(name)) }))
    .filter(({ distance, name }) => distance <= limit && distance < Math.max(goal.length, name.length))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `Did you mean a or b?`, or an empty text where nothing is near. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  return meantOneOf(suggest(wanted, names));
}

/** The same of names that are known to be near. */
export function meantOneOf(near: readonly string[]): string {
  return near.length === 0 ? '' : `Did you mean ${near.join(' or ')}?`;
}

/** Levenshtein's distance: insertions, deletions and replacements, each 1. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const deleted = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, deleted, inserted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** Case and `-` against `_` are no difference worth a step. Long garbage is cut, to bound the work. */
function normalize(name: string): string {
  return name.slice(0, 100).toLowerCase().replaceAll('-', '_');
}
