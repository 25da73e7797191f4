import { DeployError } from '../../errors.ts';
import type { Host } from '../../events.ts';
import { countOf } from '../../model/age.ts';
import { type CleanupPlan, objectsOf } from '../../model/cleanup.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { formatRef } from '../../model/object.ts';
import type { CleanupRequest } from './request.ts';

/**
 * Refuses what can be refused without a cluster: namespaces of Kubernetes itself, and an agreement that isn't one.
 *
 * @throws DeployError `usage`.
 */
export function refuseBeforehand(request: CleanupRequest, namespace: string): void {
  const { keepNamespace, yes, confirm } = request;
  if (namespace.startsWith('kube-')) {
    throw new DeployError('usage', `The namespace ${namespace} is Kubernetes' own: nothing in it is cleaned up.`, {
      why: 'The cluster itself runs on what is in it.',
      fix: 'Name the namespace of the application: --namespace.',
    });
  }
  if (namespace === 'default' && !keepNamespace) {
    throw new DeployError('usage', 'The namespace default is not deleted.', {
      why: 'Every cluster has it, and what names no namespace goes there.',
      fix: "Delete only the application's objects in it: --keep-namespace.",
    });
  }
  if (!yes) return;
  const fix = `Write --yes --confirm ${namespace}, if that is the one you mean.`;
  if (confirm === undefined) {
    const why = 'A cleanup wants the name of the namespace as well.';
    throw new DeployError('usage', `--yes alone does not agree to the cleanup of ${namespace}.`, { why, fix });
  }
  if (confirm !== namespace) {
    throw new DeployError('usage', `--confirm names ${confirm}, but the cleanup is of ${namespace}.`, { fix });
  }
}

/**
 * Refuses what nobody can agree to in this way.
 *
 * @throws DeployError `invalid`, with what would go that isn't ours.
 */
export function refusePlan(plan: CleanupPlan, { yes, foreign }: CleanupRequest): void {
  if (plan.scope === 'objects') return;
  const findings = [...ofOthers(plan), ...(yes && !foreign ? [...ofNobody(plan), ...unknown(plan)] : [])];
  if (findings.length === 0) return;
  const { namespace } = plan.target;
  throw new DeployError(
    'invalid',
    `The namespace ${namespace} holds more than this application. Nothing was changed.`,
    {
      fix: "Delete only the application's objects, and leave all else as it is: --keep-namespace.",
      findings: [...plan.findings, ...findings],
    },
  );
}

function ofOthers({ target, others }: CleanupPlan): readonly Finding[] {
  const { application, namespace, namespaceOwner } = target;
  const names = [...new Set(others.map((other) => other.application))].sort();
  const fix = `Delete only what is of ${application}: --keep-namespace.`;
  const evidence = others.map(({ ref, application: owner }) => `${formatRef(ref)} of ${owner}`);
  const isForeign = namespaceOwner !== undefined && namespaceOwner !== application;
  return [
    ...(isForeign
      ? [
          errorFinding(
            'cleanup/other-application',
            `The namespace ${namespace} was made for ${namespaceOwner}, not for ${application}.`,
            `${fix} The namespace goes with a cleanup of ${namespaceOwner}, when nothing else is in it.`,
          ),
        ]
      : []),
    ...(names.length === 0
      ? []
      : [
          errorFinding(
            'cleanup/other-application',
            `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} deployed to ${namespace}, too.`,
            isForeign
              ? fix
              : `${fix} For the namespace to go, too, clean up ${names.join(', ')} before, with --keep-namespace.`,
            { evidence },
          ),
        ]),
  ];
}

function ofNobody({ foreign, target }: CleanupPlan): readonly Finding[] {
  if (foreign.length === 0) return [];
  return [
    errorFinding(
      'cleanup/foreign',
      `${countOf(foreign.length, 'object')} in ${target.namespace} ${foreign.length === 1 ? 'was' : 'were'} not deployed by oms-deploy, and would go with the namespace.`,
      'Keep them: --keep-namespace. Or delete them, too: --foreign.',
      { evidence: foreign.map(formatRef) },
    ),
  ];
}

function unknown({ unread, target }: CleanupPlan): readonly Finding[] {
  if (unread.length === 0) return [];
  return [
    errorFinding(
      'cleanup/unread',
      `What else goes with the namespace ${target.namespace} can't be known: ${countOf(unread.length, 'kind')} may not be listed.`,
      'Ask for the right to list them, keep the namespace (--keep-namespace), or agree to whatever is there: --foreign.',
      { evidence: [unread.join(', ')] },
    ),
  ];
}

/**
 * Lets the name of the namespace be typed.
 *
 * @throws DeployError `declined`; `usage` where nobody can be asked.
 */
export async function confirmCleanup(
  plan: CleanupPlan,
  request: CleanupRequest,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  if (request.yes) return;
  const { application, namespace, cluster } = plan.target;
  const count = objectsOf([...plan.stages, ...plan.records]).length;
  const isWhole = plan.scope === 'namespace';
  const needsForeign = isWhole && plan.foreign.length + plan.unread.length > 0;
  const foreign = needsForeign ? ', also what oms-deploy has not deployed' : '';
  const what = isWhole
    ? `the namespace ${namespace} and all in it${foreign}`
    : count === 0
      ? `the lock of ${application} in ${namespace}, which is all that is left,`
      : `these ${countOf(count, 'object')} of ${namespace}`;
  const message = `Delete ${what} from ${cluster} for ever? Type the namespace's name to agree:`;
  const flag = `--yes --confirm ${namespace}${needsForeign ? ' --foreign' : ''}`;
  const typed = await host.text({ type: 'text', message, secret: false, flag }, signal);
  if (typed.trim() === namespace) return;
  throw new DeployError('declined', 'Nothing was changed.', { why: `That is not the name ${namespace}.` });
}
