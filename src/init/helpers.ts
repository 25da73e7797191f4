import type { Proposal, SourceDraft } from './evidence.ts';

/** The inputs that composed ones are made of, where the manifests have no placeholder for them. */
export function withHelpers(proposals: readonly Proposal[]): readonly Proposal[] {
  const names = new Set(proposals.map(({ input }) => input.name));
  const parts = proposals.flatMap(({ compose = '' }) =>
    [...compose.matchAll(/\$\{([a-z0-9_]+)\}/g)].map(([, name = '']) => name),
  );
  const missing = [...new Set(parts)].filter((name) => !names.has(name));
  return [...proposals, ...missing.flatMap((name) => helper(name) ?? [])];
}

const facts: Readonly<Record<string, SourceDraft>> = {
  aws_account_id: { aws: 'account' },
  aws_region: { aws: 'region' },
  aws_dns_suffix: { aws: 'dns-suffix' },
};

function helper(name: string): Proposal | undefined {
  const source = facts[name];
  if (source === undefined) return undefined;
  const input = { name, texts: [], places: [], isMark: false, isDoubtful: false };
  return { input, confidence: 'certain', sources: [source], reason: 'a part of the registry', candidates: [] };
}
