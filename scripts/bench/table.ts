import { type DiagnosisRow, watchedSeconds } from './bad-image.ts';
import type { Failure, Family, Row, StepName } from './rounds.ts';
import type { StartRow } from './start.ts';
import { median } from './statistics.ts';
import { verdictsOf } from './targets.ts';

/** All that one run has measured. */
export interface Measurement {
  readonly date: string;
  readonly machine: string;
  readonly kubernetes: string;
  readonly rounds: number;
  readonly tools: readonly { readonly name: string; readonly shown: string }[];
  readonly start: readonly StartRow[];
  readonly rows: readonly Row[];
  readonly failures: readonly Failure[];
  readonly diagnosis: readonly DiagnosisRow[];
}

const stepTitles: Readonly<Record<StepName, string>> = {
  plan: 'a plan of the first deploy',
  first: 'first deploy, until all is ready',
  unchanged: 'again, nothing changed',
  changed: 'another image for one workload',
  verify: 'verify',
};

/** A measurement for readers, as Markdown. */
export function markdownOf(measurement: Measurement, families: readonly Family[]): readonly string[] {
  const { date, machine, kubernetes, rounds, tools, start, rows, failures, diagnosis } = measurement;
  return [
    `Measured on ${date}: ${machine}; Kubernetes ${kubernetes} on the same machine. Medians of ${rounds} rounds (fewer where a tool`,
    'takes minutes: n), in which all tools run one after another; each has the same manifests, in a fresh namespace.',
    'Requests, connections and bytes are those of one run, at the API server.',
    '',
    ...tools.map(({ name, shown }) => `- **${name}**: ${shown}`),
    '',
    ...startTable(start),
    ...families.flatMap((family) => [...familyTables(family, rows), ...failuresOf(family, failures)]),
    ...diagnosisTable(diagnosis),
    ...targetTable(measurement),
  ];
}

function startTable(start: readonly StartRow[]): readonly string[] {
  if (start.length === 0) return [];
  return [
    '#### Start',
    '',
    ...table(
      ['command', 'median', 'min - max'],
      start.map(({ command, ms }) => [
        `\`${command}\``,
        `${Math.round(median(ms))} ms`,
        spread(ms, (one) => `${Math.round(one)}`),
      ]),
    ),
    '',
  ];
}

function familyTables({ id, title, steps }: Family, rows: readonly Row[]): readonly string[] {
  return steps.flatMap((step) => {
    const those = rows.filter((row) => row.family === id && row.step === step);
    const own = those.find(({ tool }) => tool === 'oms-deploy');
    if (own === undefined) return [];
    const ownMs = median(own.samples.map(({ ms }) => ms));
    return [
      `#### ${title}: ${stepTitles[step]}`,
      '',
      ...table(
        [
          'tool',
          'median',
          'min - max',
          'n',
          'oms-deploy takes',
          'peak memory',
          'requests',
          'connections',
          'sent',
          'received',
        ],
        those.map(({ tool, samples, cost }) => {
          const times = samples.map(({ ms }) => ms);
          const peak = Math.max(...samples.map(({ peakMiB }) => peakMiB));
          return [
            tool,
            `${seconds(median(times))} s`,
            spread(times, seconds),
            String(times.length),
            tool === 'oms-deploy' ? '' : `${(ownMs / median(times)).toFixed(2)}x`,
            `${Math.round(peak)} MiB`,
            String(cost.requests),
            String(cost.connections),
            kibibytes(cost.sent),
            kibibytes(cost.received),
          ];
        }),
      ),
      '',
    ];
  });
}

function failuresOf({ id, title }: Family, failures: readonly Failure[]): readonly string[] {
  return failures
    .filter(({ family }) => family === id)
    .flatMap(({ tool, why }) => [`${title}: **${tool}** failed: ${why}`, '']);
}

function diagnosisTable(diagnosis: readonly DiagnosisRow[]): readonly string[] {
  if (diagnosis.length === 0) return [];
  const rows = diagnosis.map(({ shown, outcomes }) => {
    const answers = outcomes.flatMap(({ answer }) => answer ?? []);
    const causes = answers.flatMap(({ causeAtMs }) => causeAtMs ?? []);
    const ends = answers.map(({ atMs }) => atMs);
    return [
      `\`${shown}\``,
      causes.length === 0 ? 'never' : `${seconds(median(causes))} s`,
      `${seconds(median(ends))} s`,
      spread(ends, seconds),
    ];
  });
  return [
    `#### An image that isn't there (3 rounds; the others may wait ${watchedSeconds} s)`,
    '',
    ...table(['tool', 'cause shown', 'ended', 'min - max'], rows),
    '',
  ];
}

function targetTable(measurement: Measurement): readonly string[] {
  const verdicts = verdictsOf(measurement);
  if (verdicts.length === 0) return [];
  return [
    '#### Targets',
    '',
    ...table(
      ['what', 'measured', 'wanted', ''],
      verdicts.map(({ what, measured, wanted, isMet }) => [what, measured, wanted, isMet ? 'met' : 'missed']),
    ),
  ];
}

/** A Markdown table; all columns but the first stand to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 9_950 ? 2 : 1);
}

function spread(numbers: readonly number[], format: (one: number) => string): string {
  return `${format(Math.min(...numbers))} - ${format(Math.max(...numbers))}`;
}

function kibibytes(bytes: number): string {
  return `${Math.round(bytes / 1024).toLocaleString('en')} KiB`;
}
