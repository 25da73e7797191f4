import type { Command } from '../command.ts';
import {
  clusterOptions,
  inputOptions,
  isOn,
  optionalCount,
  optionalDuration,
  parseDuration,
  text,
} from '../options.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'deploy: plan, confirm, apply in order, wait until everything is ready',
  options: [
    ...inputOptions,
    ...clusterOptions,
    { flags: '-y, --yes', description: 'do not ask before changing something' },
    { flags: '--timeout <duration>', description: 'how long to wait for ready workloads (default: 10m)' },
    {
      flags: '--soak <duration>',
      description: 'how long ready pods must stay so (default: 10s where no readiness probe watches, else none)',
    },
    { flags: '--tolerate-restarts <n>', description: 'restarts of a container that are no failure (default: 2)' },
  ],
  examples: [
    'oms-deploy up --terraform-dir ../terraform',
    'oms-deploy up --outputs-file outputs.json --secrets-file secrets.env --yes',
    'oms-deploy up --sandbox --outputs-file outputs.json --set image_tag=1.4.2',
  ],
  async run(options, _args, context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { deploy } = await import('../../deploy/deploy.ts');
    const { countChanges } = await import('../../model/plan.ts');
    const { formatSummary } = await import('../../ui/summary.ts');
    const { nextFlags } = await import('../next-flags.ts');
    const startedMs = Date.now();
    const timeoutMs = parseDuration('--timeout', text(options, 'timeout') ?? '10m');
    const patience = {
      timeoutMs,
      soakMs: optionalDuration(options, 'soak', '--soak'),
      tolerateRestarts: optionalCount(options, 'tolerateRestarts', '--tolerate-restarts'),
    };
    const request = { ...(await planningRequest(options, context)), ...patience, yes: isOn(options, 'yes') };
    const { plan, warnings, endpoints } = await deploy(request, context.host, context.signal);
    return {
      ok: true,
      exitCode: 0,
      findings: [...plan.findings, ...warnings],
      data: { changes: countChanges(plan), endpoints: endpoints.map((endpoint) => ({ ...endpoint })) },
      text: formatSummary(
        plan,
        endpoints,
        isOn(options, 'quiet') ? undefined : nextFlags(options, request, context.env),
        Date.now() - startedMs,
      ),
    };
  },
};
