import type { Command } from '../command.ts';
import { placeOptions } from '../look-options.ts';
import { isOn, optionalCount, optionalDuration } from '../options.ts';

/** Without `--since` or `--tail`: enough to see what goes on. */
const defaultTail = 50;

export const logsCommand: Command = {
  name: 'logs',
  summary: 'show the logs of all pods of a workload, or of the whole application',
  onlyShows: true,
  arguments: [{ name: '[workload]', description: 'name of a workload or a pod (default: all workloads)' }],
  options: [
    ...placeOptions,
    { flags: '--follow', description: 'go on as lines are written, also with pods that come later' },
    { flags: '--since <duration>', description: 'only lines of this last time, such as 10m' },
    { flags: '--tail <n>', description: 'the last lines of each container (default: 50, with --since all)' },
    { flags: '--previous', description: 'of the containers before their last restart' },
  ],
  examples: ['oms-deploy logs order-ingestion --since 10m', 'oms-deploy logs --follow'],
  async run(options, [name], context) {
    const { placeRequest } = await import('../place-request.ts');
    const { openCluster } = await import('../../target/open.ts');
    const { requireNamespace } = await import('../../verify/home.ts');
    const { tailLogs } = await import('../../verify/tail.ts');
    const { exitCodes } = await import('../../errors.ts');
    const { config, namespace = config.namespace, target } = await placeRequest(options, context);
    const sinceMs = optionalDuration(options, 'since', '--since');
    const tail = optionalCount(options, 'tail', '--tail') ?? (sinceMs === undefined ? defaultTail : undefined);
    const follow = isOn(options, 'follow');
    const cluster = await openCluster(target, context.host, context.signal);
    try {
      await requireNamespace(namespace, cluster, context.signal);
      const request = {
        ...(config.origin === 'built-in' ? {} : { application: config.application }),
        namespace,
        follow,
        previous: isOn(options, 'previous'),
        ...(name === undefined ? {} : { name }),
        ...(tail === undefined ? {} : { tailLines: tail }),
        ...(sinceMs === undefined ? {} : { sinceSeconds: Math.max(1, Math.ceil(sinceMs / 1000)) }),
      };
      await tailLogs(request, cluster, context.host, context.signal);
    } finally {
      cluster.close();
    }
    const exitCode = context.signal.aborted ? exitCodes.interrupted : exitCodes.done;
    return { ok: true, exitCode, findings: [], data: {}, text: '' };
  },
};
