import type { BuiltPeer } from './peers.ts';
import { type Command, ownProgram, runProgram } from './program.ts';

/** How long a command took that asks nobody. */
export interface StartRow {
  readonly command: string;
  readonly ms: readonly number[];
}

/** Measures how fast programs start, interleaved. */
export async function measureStart(
  { kubectl, helm, rounds }: { readonly kubectl: BuiltPeer; readonly helm: BuiltPeer; readonly rounds: number },
  signal: AbortSignal,
): Promise<readonly StartRow[]> {
  const commands: readonly { readonly shown: string; readonly run: readonly Command[] }[] = [
    { shown: 'oms-deploy --help', run: [[...ownProgram, '--help']] },
    { shown: 'node -e 0', run: [[process.execPath, '-e', '0']] },
    {
      shown: 'helm version, kubectl version --client',
      run: [
        [helm.path, 'version'],
        [kubectl.path, 'version', '--client'],
      ],
    },
  ];
  const times = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { run }] of commands.entries()) {
      const startMs = performance.now();
      for (const command of run) await runProgram(command, { env: process.env }, signal);
      times[index]?.push(performance.now() - startMs);
    }
  }
  return commands.map(({ shown }, index) => ({ command: shown, ms: times[index] ?? [] }));
}
