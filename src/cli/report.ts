import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import type { ListenerFactory } from '../ui/listener.ts';
import { reportListener } from '../ui/report/listener.ts';
import type { Run } from './program.ts';
import { requireWritablePage } from './written-file.ts';

/**
 * What makes the report of a run.
 *
 * @throws DeployError `usage` for a file that can't be written, and for what there is no report of.
 */
export async function reportFactory(
  file: string,
  run: Run,
  { cwd, version }: Pick<Context, 'cwd' | 'version'>,
): Promise<ListenerFactory> {
  const [action = 'list'] = run.args;
  if (run.command.name === 'history' && action !== 'show') {
    throw new DeployError('usage', `There is no report of history ${action}.`, {
      fix: 'Make one of a release: oms-deploy history show <release> --report <file>.',
    });
  }
  const path = resolve(cwd, file);
  await requireWritablePage('--report', path);
  return (redact) => reportListener({ path, file }, version, redact);
}
