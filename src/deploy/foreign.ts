import { ownerOf } from '../manifests/stamp.ts';
import type { Finding } from '../model/finding.ts';
import { formatRef, refOf } from '../model/object.ts';
import { type Change, keptOf, type Plan } from '../model/plan.ts';

/**
 * A deploy to the wrong place: into a namespace of Kubernetes itself or one that was made for another application, or
 * over another application's objects. It may be meant, so it is a warning, seen before the question.
 */
export function foreignFindings(plan: Plan): readonly Finding[] {
  const { namespace, namespaceOwner, application } = plan.target;
  const changes = keptOf(plan);
  const isFirst = changes.every(({ op, manifest }) => op === 'create' || manifest.ref.namespace !== namespace);
  const isSystem = namespace.startsWith('kube-');
  const isForeign = isFirst && namespaceOwner !== undefined && namespaceOwner !== application;
  const check = 'Check --namespace and --config.';
  return [
    ...(isSystem
      ? [warning('target/system-namespace', `The namespace ${namespace} is Kubernetes' own.`, [], check)]
      : []),
    ...(isForeign
      ? [
          warning(
            'target/foreign-namespace',
            `The namespace ${namespace} was made for ${namespaceOwner}; nothing of ${application} is in it yet.`,
            [],
            check,
          ),
        ]
      : []),
    ...takenFrom(changes, application),
  ];
}

function takenFrom(changes: readonly Change[], application: string): readonly Finding[] {
  const foreign = changes.flatMap(({ op, live }) => {
    const owner = op === 'update' && live !== undefined ? ownerOf(live) : undefined;
    return live === undefined || owner === undefined || owner === application ? [] : [{ live, owner }];
  });
  if (foreign.length === 0) return [];
  const owners = [...new Set(foreign.map(({ owner }) => owner))].join(', ');
  const evidence = foreign.slice(0, 5).map(({ live }) => formatRef(refOf(live)));
  const fix = 'Check --namespace and the names, if the objects are not meant to become part of this application.';
  return [
    warning('target/foreign-objects', `This deploy takes over what was deployed as part of ${owners}.`, evidence, fix),
  ];
}

function warning(id: string, cause: string, evidence: readonly string[], fix: string): Finding {
  return { id, severity: 'warning', cause, evidence, fix };
}
