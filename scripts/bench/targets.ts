import { type DiagnosisRow, watchedSeconds } from './bad-image.ts';
import type { Row, StepName } from './rounds.ts';
import type { StartRow } from './start.ts';
import { median } from './statistics.ts';
import type { ToolName } from './tools.ts';

/** What was measured of one target, against what is wanted. */
export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  readonly isMet: boolean;
}

interface Ratio {
  readonly what: string;
  readonly family: string;
  readonly step: StepName;
  readonly to: ToolName;
  readonly atMost: number;
}

const ratios: readonly Ratio[] = [
  { what: 'first up of the OMS', family: 'oms', step: 'first', to: 'kubectl steps', atMost: 0.4 },
  { what: 'first up of the OMS', family: 'oms', step: 'first', to: 'helm', atMost: 0.9 },
  { what: 'first up of the OMS', family: 'oms', step: 'first', to: 'floor', atMost: 1.3 },
  { what: 'up with nothing changed', family: 'oms', step: 'unchanged', to: 'helm', atMost: 0.7 },
  { what: 'up with nothing changed', family: 'oms', step: 'unchanged', to: 'floor', atMost: 1.5 },
  { what: '1,000 objects, first', family: 'configmaps-1000', step: 'first', to: 'kubectl', atMost: 0.07 },
  { what: '1,000 objects, first', family: 'configmaps-1000', step: 'first', to: 'helm', atMost: 0.4 },
  { what: '1,000 objects, first', family: 'configmaps-1000', step: 'first', to: 'floor', atMost: 2 },
  { what: '1,000 objects, nothing changed', family: 'configmaps-1000', step: 'unchanged', to: 'helm', atMost: 0.3 },
  { what: '1,000 objects, nothing changed', family: 'configmaps-1000', step: 'unchanged', to: 'floor', atMost: 1.5 },
];

/** The targets, as far as their parts were measured. */
export function verdictsOf({ rows, start, diagnosis }: Measured): readonly Verdict[] {
  return [
    ...startVerdicts(start),
    ...ratios.flatMap((ratio) => ratioVerdict(ratio, rows)),
    ...growth(rows),
    ...diagnosisVerdicts(diagnosis),
  ];
}

interface Measured {
  readonly rows: readonly Row[];
  readonly start: readonly StartRow[];
  readonly diagnosis: readonly DiagnosisRow[];
}

function startVerdicts(start: readonly StartRow[]): readonly Verdict[] {
  const [own, node, peers] = start.map(({ ms }) => median(ms));
  if (own === undefined || node === undefined || peers === undefined) return [];
  return [
    verdict('start, --help, to node -e 0', own / node, 1.5),
    verdict('start, --help, to helm version and kubectl version', own / peers, 1),
  ];
}

function ratioVerdict({ what, family, step, to, atMost }: Ratio, rows: readonly Row[]): readonly Verdict[] {
  const own = find(rows, family, step, 'oms-deploy');
  const other = find(rows, family, step, to);
  if (own === undefined || other === undefined) return [];
  return [verdict(`${what}, to ${to}`, millisecondsOf(own) / millisecondsOf(other), atMost)];
}

function growth(rows: readonly Row[]): readonly Verdict[] {
  const [small, large] = ['configmaps-1000', 'configmaps-3000'].map((family) =>
    find(rows, family, 'first', 'oms-deploy'),
  );
  if (small === undefined || large === undefined) return [];
  const peakMiB = Math.max(...large.samples.map((sample) => sample.peakMiB));
  return [
    verdict('3,000 objects, to 1,000', millisecondsOf(large) / millisecondsOf(small), 3.3),
    {
      what: '3,000 objects, memory',
      measured: `${Math.round(peakMiB)} MiB`,
      wanted: '< 400 MB',
      isMet: peakMiB * 2 ** 20 < 400e6,
    },
  ];
}

/** From the start of the deploy, which is more than from the first sign that waiting is of no use. */
function diagnosisVerdicts([own, ...peers]: readonly DiagnosisRow[]): readonly Verdict[] {
  if (own === undefined) return [];
  const answers = own.outcomes.flatMap(({ answer }) => answer ?? []);
  const slowestMs = Math.max(...answers.map(({ atMs }) => atMs));
  const areRight = answers.every(({ isRight }) => isRight === true);
  const ended = peers.filter(({ outcomes }) =>
    outcomes.some(({ answer }) => answer !== undefined && answer.atMs < watchedSeconds * 1000),
  );
  return [
    {
      what: 'bad image to explained failure, at most',
      measured: areRight ? `${(slowestMs / 1000).toFixed(1)} s` : 'not explained',
      wanted: '<= 15 s',
      isMet: areRight && slowestMs <= 15_000,
    },
    {
      what: `peers still waiting at ${watchedSeconds} s`,
      measured: ended.length === 0 ? 'all' : `not ${ended.map(({ tool }) => tool).join(', ')}`,
      wanted: 'all',
      isMet: ended.length === 0,
    },
  ];
}

function verdict(what: string, ratio: number, atMost: number): Verdict {
  return { what, measured: `${ratio.toFixed(2)}x`, wanted: `<= ${atMost}x`, isMet: ratio <= atMost };
}

function find(rows: readonly Row[], family: string, step: StepName, tool: ToolName): Row | undefined {
  return rows.find((row) => row.family === family && row.step === step && row.tool === tool);
}

function millisecondsOf({ samples }: Row): number {
  return median(samples.map(({ ms }) => ms));
}
