import type { OptionSpec } from './command.ts';

/** Flags of `render --for`. */
export const handoverOptions: readonly OptionSpec[] = [
  {
    flags: '--for <engine>',
    description: 'write them for Argo CD or Flux, which then roll them out in the same waves; Secrets stay out',
    choices: ['argocd', 'flux'],
  },
  {
    flags: '--repo <url>',
    description:
      'of --for: the git or OCI repository of the folder; for Flux also a source, such as GitRepository/flux-system',
  },
  {
    flags: '--path <path>',
    description:
      'of --for: where the folder is in the repository (default: that of --output-dir, below the top of its git repository)',
  },
  {
    flags: '--revision <name>',
    description: 'of --for: branch, tag or commit (default: HEAD for Argo CD, main for Flux)',
  },
  {
    flags: '--secret-store <name>',
    description: 'of --for: the SecretStore, or ClusterSecretStore/name, that reads AWS Secrets Manager',
  },
  { flags: '--parameter-store <name>', description: 'of --for: the same for Parameter Store' },
];
