import type { Context } from '../../context.ts';
import { formatNames, formatPaths, questionOf } from './answer.ts';
import { inTime } from './in-time.ts';
import { type Candidate, type Wanted, wantedAt } from './wanted.ts';

export { silentHost } from './silent-host.ts';

/** Reading files ends by itself; a kustomization that is rendered may not. In ms. */
const limitMs = 5_000;

/** What a shell is told about a line that is being typed; names that can't be had are left out. */
export async function complete(args: readonly string[], context: Context): Promise<string> {
  const question = questionOf(args);
  if (question === undefined) return '';
  const wanted = wantedAt(question.words);
  const { flag = '' } = wanted;
  switch (wanted.kind) {
    case 'files':
    case 'directories':
      return formatPaths(wanted.kind, flag);
    case 'values':
      return formatNames(flag, wanted.values, question.insert);
    case 'names':
      return formatNames(flag, await namesOf(wanted, context), question.insert);
  }
}

async function namesOf(wanted: Extract<Wanted, { kind: 'names' }>, context: Context): Promise<readonly Candidate[]> {
  const found = await inTime(async () => (await import('./look-up.ts')).lookUp(wanted, quiet(context)), limitMs);
  return found ?? [];
}

/** Standard input is the terminal that somebody types at. */
function quiet(context: Context): Context {
  return { ...context, readStdin: () => Promise.reject(new Error('standard input is not read')) };
}
