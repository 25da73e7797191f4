import type { Context } from '../context.ts';
import { exitCodes } from '../errors.ts';
import type { Result } from '../events.ts';
import { openCluster } from '../target/open.ts';
import { formatNetwork } from '../ui/network.ts';
import { readNetwork } from '../verify/network/read-network.ts';
import type { Options } from './command.ts';
import { placeRequest } from './place-request.ts';

/** `doctor network`: who may reach whom, as the NetworkPolicies of the namespace are now. */
export async function doctorNetwork(options: Options, context: Context): Promise<Result> {
  const { host, signal } = context;
  const { config, namespace = config.namespace, target } = await placeRequest(options, context, 'deployment');
  const cluster = await openCluster(target, host, signal);
  try {
    const read = await readNetwork(cluster, namespace, signal);
    const { policies, cells, findings } = read;
    return {
      ok: true,
      exitCode: exitCodes.done,
      findings,
      data: { namespace, cluster: cluster.name, policies, connections: cells.map((cell) => ({ ...cell })) },
      text: (style) => formatNetwork(read, namespace, style),
    };
  } finally {
    cluster.close();
  }
}
