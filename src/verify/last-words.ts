/** What the last lines of a log mean, where any program says it alike. */
export interface Meaning {
  /** Ends the sentence of the cause. */
  readonly why: string;
  readonly fix: string;
}

const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    // Go, Node, Kestrel, nginx; a socket in a folder that isn't its own is another matter.
    /^(?!.*(?:\bunix\b|\.sock\b)).*(?:\b(bind|listen)\b.*(permission denied|EACCES)|(permission denied|EACCES).*\b(bind|listen|0\.0\.0\.0:|\[?::\]?:))/i,
    {
      why: 'it may not listen on its port (below 1024, that is for root)',
      fix: 'Set the pod sysctl net.ipv4.ip_unprivileged_port_start to "0", or let it listen above 1023, and run the same command again.',
    },
  ],
  [
    /read-only file ?system|\bEROFS\b/i,
    {
      why: 'it writes to a file system that is read-only',
      fix: 'Mount a volume (an emptyDir) where it writes, see the last lines of its log, and run the same command again.',
    },
  ],
];

/** Reads the newest line that says something known; undefined where none does. */
export function meaningOf(lines: readonly string[]): Meaning | undefined {
  for (const line of lines.toReversed()) {
    const known = meanings.find(([pattern]) => pattern.test(line));
    if (known !== undefined) return known[1];
  }
  return undefined;
}
