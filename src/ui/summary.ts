import type { PlaceFlags } from '../events.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { formatRef } from '../model/object.ts';
import { countChanges, type Endpoint, hasChanges, keptOf, type Plan } from '../model/plan.ts';
import { formatElapsed } from './style.ts';

/** The flags of the next commands: without those of `verify`, where it could not know the manifests of what was deployed. */
export type ToldFlags = Omit<PlaceFlags, 'verify' | 'deploy'> & Partial<Pick<PlaceFlags, 'verify'>>;

/** The last words of `up`: what was done, and, unless it shall be quiet, where it answers and what to type next. */
export function formatSummary(
  plan: Plan,
  endpoints: readonly Endpoint[],
  flags: ToldFlags | undefined,
  elapsedMs: number,
  isBack = false,
): string {
  const { created, updated, unchanged, deleted } = countChanges(plan);
  const release = plan.release === undefined ? '' : `, release ${plan.release}`;
  const deletes = deleted === 0 ? '' : `${deleted} deleted, `;
  const isAddedTo = plan.findings.some(({ id }) => id === 'drift/added');
  const beside = isAddedTo ? ' but for what was added by hand' : '';
  const name = plan.only === undefined ? undefined : formatRef(plan.only);
  const done = hasChanges(plan)
    ? `Done in ${formatElapsed(elapsedMs)}${release}: ${created} created, ${updated} changed, ${deletes}${unchanged} unchanged. ${name ?? 'Every workload'} is ready.`
    : name !== undefined
      ? `Nothing changed${release}: ${name} is as it should be, and ready (${formatElapsed(elapsedMs)}).`
      : `Nothing changed${release}: ${unchanged === 1 ? 'the object is as it' : `all ${unchanged} objects are as they`} should be${beside}, every workload is ready (${formatElapsed(elapsedMs)}).`;
  if (flags === undefined) return `${done}\n`;
  const width = Math.max(0, ...endpoints.map(({ name }) => name.length));
  const { namespace } = plan.target;
  const first = keptOf(plan).find(({ manifest }) => podTemplateOf(manifest.body) !== undefined);
  const workload = (plan.only ?? first?.manifest.ref)?.name ?? '';
  const service = endpoints.find(({ scope }) => scope === 'cluster');
  const forward = `-n ${namespace} service/${service?.name ?? ''} 8080:${portOf(service?.url)}`;
  const next = [
    ...(flags.verify === undefined ? [] : [`oms-deploy verify${flags.verify}`]),
    `oms-deploy status${flags.look} --watch`,
    ...(workload === '' ? [] : [`oms-deploy logs${flags.look} ${workload} --follow`]),
    ...((plan.release ?? 1) === 1 ? [] : [wayBack(plan, flags, isBack)]),
    // kubectl would need a kubeconfig: see oms-deploy kubeconfig.
    ...(service === undefined || plan.target.connection === 'eks'
      ? []
      : [`kubectl port-forward${flags.kubectl} ${forward}`]),
  ];
  return [
    done,
    ...(endpoints.length > 0
      ? ['', 'Endpoints', ...endpoints.map(({ name, url }) => `  ${name.padEnd(width)}  ${url ?? 'no address yet'}`)]
      : []),
    '',
    'Next',
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
}

/** From where this release has led. After a way back that would be forward again, or back once more: who wants it, chooses. */
function wayBack({ only }: Plan, { owner }: ToldFlags, isBack: boolean): string {
  if (isBack) return `oms-deploy history${owner}`;
  if (only === undefined) return `oms-deploy rollback${owner}`;
  return `oms-deploy rollout${owner} undo ${only.kind.toLowerCase()}/${only.name}`;
}

function portOf(url: string | undefined): string {
  return (url === undefined ? '' : new URL(url).port) || '80';
}
