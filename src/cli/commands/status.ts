import type { Command } from '../command.ts';
import { placeOptions } from '../look-options.ts';
import { isOn } from '../options.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show the application on one screen: workloads, Services, HPAs, addresses',
  onlyShows: true,
  options: [...placeOptions, { flags: '--watch', description: 'again whenever something changes, until Ctrl-C' }],
  examples: ['oms-deploy status', 'oms-deploy status --watch'],
  async run(options, _args, context) {
    const { placeRequest } = await import('../place-request.ts');
    const { openCluster } = await import('../../target/open.ts');
    const { requireNamespace } = await import('../../verify/home.ts');
    const { findPlace } = await import('../../deploy/open-place.ts');
    const { readDrift } = await import('../../deploy/read-drift.ts');
    const { readStatus, watchStatus } = await import('../../verify/read-status.ts');
    const { formatStatus } = await import('../../ui/status.ts');
    const { statusView } = await import('../../ui/views.ts');
    const { exitCodes } = await import('../../errors.ts');
    const { during } = await import('../../events.ts');
    const { config, namespace = config.namespace, target } = await placeRequest(options, context);
    const cluster = await openCluster(target, context.host, context.signal);
    const application = config.origin === 'built-in' ? {} : { application: config.application };
    try {
      const records = await during('Reading the records', context.host, async () => {
        await requireNamespace(namespace, cluster, context.signal);
        const owner = await findPlace({ cluster, namespace }, config, context.signal);
        return owner === undefined ? undefined : readDrift(owner, context.signal);
      });
      const { elsewhere = [], recorded, ...releases } = records ?? {};
      const found = recorded === undefined ? {} : { recorded };
      const place = { ...application, ...found, cluster: cluster.name, namespace, elsewhere };
      if (isOn(options, 'watch')) {
        await watchStatus(place, cluster, context.host, context.signal);
        return { ok: true, exitCode: exitCodes.interrupted, findings: [], data: {}, text: '' };
      }
      const now = await during('Asking the cluster', context.host, () => readStatus(place, cluster, context.signal));
      const status = { ...now, ...releases };
      const text = (style: Parameters<typeof formatStatus>[1]): string => formatStatus(status, style);
      return { ok: true, exitCode: exitCodes.done, findings: [], data: statusView(status), text };
    } finally {
      cluster.close();
    }
  },
};
