import type { Finding, Severity } from '../model/finding.ts';
import { type Manifest, originOf } from '../model/manifest.ts';
import { formatRef, type Origin } from '../model/object.ts';
import { showOpen } from '../model/open.ts';
import { sentence } from '../model/text.ts';
import type { LintFacts } from './facts.ts';
import type { Flaw, Rule } from './rule.ts';
import { rules } from './rules/index.ts';
import { type Silence, silence } from './silence.ts';

/** How manifests are linted. */
export interface LintOptions {
  /** `lint` itself, without a cluster; or a plan, whose dry run and preflight say some things better. */
  readonly by: 'lint' | 'plan';
  /** Also what is only good advice. */
  readonly wantsAdvice: boolean;
  /** `checks.ignore` of the configuration, and where each entry stands. */
  readonly silences: readonly Silence[];
  readonly placeOf: (index: number) => Origin | undefined;
  /** Not all manifests of the application are there: add-ons are off, or files were left out. */
  readonly isPart: boolean;
  /** Whether a finding of this id is by intent in the manifests of an add-on that comes along. */
  readonly isMeant?: (id: string, addon: string) => boolean;
}

/** What is wrong with manifests and can be told without a cluster, without what the configuration silences. */
export function lint(
  facts: LintFacts,
  { by, wantsAdvice, silences, placeOf, isPart, isMeant = () => false }: LintOptions,
): readonly Finding[] {
  const wanted = rules.filter(({ leftTo }) => by === 'lint' || leftTo === undefined);
  const found = silence(
    wanted.flatMap((rule) => runRule(rule, facts, ({ addon }) => addon !== undefined && isMeant(rule.id, addon))),
    silences,
    {
      known: rules.map(({ id }) => id),
      ran: wanted.map(({ id }) => id),
      objects: new Set(facts.manifests.map(({ ref }) => `${ref.kind}/${ref.name}`)),
      isPart,
      placeOf,
    },
  );
  const unaskable = rules
    .filter((rule) => !wanted.includes(rule))
    .flatMap((rule) => (rule.unaskable?.(facts) ?? []).map((flaw) => findingOf(rule, flaw)));
  return [...unaskable, ...found].filter(({ severity }) => wantsAdvice || severity !== 'info');
}

/** The findings of one rule, but for manifests where they are by intent. */
export function runRule(
  rule: Rule,
  facts: LintFacts,
  isMeant: (manifest: Manifest) => boolean = () => false,
): readonly Finding[] {
  return rule
    .run(facts)
    .filter(({ manifest }) => !isMeant(manifest))
    .map((flaw) => findingOf(rule, flaw));
}

function findingOf({ id, severity: usual, fix: usualFix }: Rule, flaw: Flaw): Finding {
  const { manifest, path, cause, fix = usualFix, evidence = [], hits = [], lacks } = flaw;
  const severity: Severity = flaw.severity ?? usual;
  return {
    id,
    severity,
    object: { ...manifest.ref, name: showOpen(manifest.ref.name) },
    origin: originOf(manifest, path),
    ...(lacks === undefined ? {} : { lacks }),
    ...(hits.length === 0 ? {} : { hits: hits.map(showOpen) }),
    cause: showOpen(sentence(`${formatRef(manifest.ref)} ${cause}`)),
    evidence: evidence.map(showOpen),
    fix: showOpen(fix),
  };
}
