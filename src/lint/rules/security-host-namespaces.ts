import type { Rule } from '../rule.ts';

const fields = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

export const securityHostNamespaces: Rule = {
  id: 'security/host-namespaces',
  severity: 'warning',
  summary: "pods share the node's network, processes or IPC",
  fix: 'Take the field away, unless the program is a part of the node itself.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, spec, path }) =>
      fields
        .filter((field) => spec[field] === true)
        .map((field) => ({
          manifest,
          path: `${path}.${field}`,
          cause: `sets ${field}: its pods are not apart from the node`,
        })),
    ),
};
