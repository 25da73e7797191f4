import { podSpecPath } from '../../manifests/containers.ts';
import { arrayOf, at, type Json } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import type { Flaw, Rule } from '../rule.ts';

/** The fields that a kind can't do without, by group and kind: those that people forget. */
const required: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec.selector', 'spec.template'],
  'apps/StatefulSet': ['spec.selector', 'spec.template'],
  'apps/DaemonSet': ['spec.selector', 'spec.template'],
  'batch/Job': ['spec.template'],
  'batch/CronJob': ['spec.schedule', 'spec.jobTemplate'],
  'autoscaling/HorizontalPodAutoscaler': ['spec.scaleTargetRef.kind', 'spec.scaleTargetRef.name'],
  '/PersistentVolumeClaim': ['spec.accessModes', 'spec.resources.requests.storage'],
  'rbac.authorization.k8s.io/RoleBinding': ['roleRef'],
  'rbac.authorization.k8s.io/ClusterRoleBinding': ['roleRef'],
  'storage.k8s.io/StorageClass': ['provisioner'],
};

export const syntaxRequired: Rule = {
  id: 'syntax/required',
  severity: 'error',
  summary: 'a part is missing that the API asks for: selector, containers, image, port, pathType ...',
  fix: 'Add it.',
  leftTo: 'server',
  run: (facts) => [
    ...facts.manifests.flatMap(ofKind),
    ...facts.manifests.flatMap(ofLists),
    ...facts.pods.flatMap(({ manifest, spec, path, containers }): Flaw[] => [
      ...(arrayOf(spec.containers).length === 0 ? [lacks(manifest, `${path}.containers`)] : []),
      ...containers.flatMap(({ container, path: own }) =>
        ['name', 'image']
          .filter((field) => isAbsent(container[field]))
          .map((field) => lacks(manifest, `${own}.${field}`)),
      ),
      ...(isUnendingJob(manifest, spec.restartPolicy)
        ? [
            {
              manifest,
              path: `${path}.restartPolicy`,
              cause: 'has pods that restart for ever, and a Job must end',
              fix: 'Set restartPolicy: Never, or OnFailure.',
            },
          ]
        : []),
    ]),
  ],
};

function ofKind(manifest: Manifest): readonly Flaw[] {
  const fields = required[`${groupOf(manifest.ref.apiVersion)}/${manifest.ref.kind}`] ?? [];
  return fields
    .filter((field) => isAbsent(at(manifest.body, ...field.split('.'))))
    .map((field) => lacks(manifest, field));
}

function ofLists(manifest: Manifest): readonly Flaw[] {
  const { body, ref } = manifest;
  if (ref.kind === 'Service' && ref.apiVersion === 'v1') {
    const ports = arrayOf(at(body, 'spec', 'ports'));
    return [
      ...ports.flatMap((port, index) =>
        isAbsent(at(port, 'port')) ? [lacks(manifest, `spec.ports[${index}].port`)] : [],
      ),
      // Which one is meant could not be told.
      ...(ports.length < 2
        ? []
        : ports.flatMap((port, index) =>
            isAbsent(at(port, 'name')) ? [lacks(manifest, `spec.ports[${index}].name`)] : [],
          )),
    ];
  }
  if (ref.kind !== 'Ingress' || ref.apiVersion !== 'networking.k8s.io/v1') return [];
  return arrayOf(at(body, 'spec', 'rules')).flatMap((rule, outer) =>
    arrayOf(at(rule, 'http', 'paths')).flatMap((path, inner) =>
      ['pathType', 'backend']
        .filter((field) => isAbsent(at(path, field)))
        .map((field) => lacks(manifest, `spec.rules[${outer}].http.paths[${inner}].${field}`)),
    ),
  );
}

function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

function lacks(manifest: Manifest, path: string): Flaw {
  return { manifest, path, cause: `lacks ${path}` };
}

function isUnendingJob({ body, ref }: Manifest, policy: unknown): boolean {
  if (groupOf(ref.apiVersion) !== 'batch' || podSpecPath(body) === undefined || isOpen(policy)) return false;
  return policy !== 'Never' && policy !== 'OnFailure';
}
