import type { Finding } from '../model/finding.ts';
import type { Origin } from '../model/object.ts';

/** A name that somebody gave a value to, and that is no input. */
interface UnknownName {
  readonly shown: string;
  /** How the sentence goes on: `is no input`. */
  readonly verb: string;
  /** `Did you mean x?`, or empty. */
  readonly near: string;
  readonly origin?: Origin;
}

/** A finding for each name that was mistyped; one for all that simply belong elsewhere: a shared file or shell has many. */
export function unknownNames(names: readonly UnknownName[]): readonly Finding[] {
  const mistyped = names.filter(({ near }) => near !== '');
  const others = names.filter(({ near }) => near === '');
  const [first] = others;
  const single = others.length === 1 ? others : [];
  return [
    ...[...mistyped, ...single].map(
      ({ shown, verb, near, origin }): Finding => ({
        id: 'inputs/unknown',
        severity: 'warning',
        ...(origin === undefined ? {} : { origin }),
        cause: `${shown} ${verb}.`,
        evidence: [],
        fix: near || remove,
      }),
    ),
    ...(first === undefined || others.length < 2
      ? []
      : [
          {
            id: 'inputs/unknown',
            severity: 'warning',
            ...(first.origin === undefined ? {} : { origin: first.origin }),
            cause: `${others.length} values are given for which there is no input here.`,
            evidence: others.map(({ shown }) => shown),
            fix: remove,
          } as const,
        ]),
  ];
}

const remove = 'Remove it, or declare the input in the configuration.';
