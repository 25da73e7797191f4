import { pullSecretsNamed } from '../../manifests/pull-secrets.ts';
import { formatSpan } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { formatRef, type ObjectRef, refKey, refOf } from '../../model/object.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';

/** Who renews a token does so hours before its end. */
const shortMs = 2 * 3_600_000;

/** The pull secrets that pods or their ServiceAccounts name are there, and a token of ECR in them is still good. */
export const pullSecretsCheck: Check = {
  id: 'images/pull-secret',
  summary:
    'the pull secrets that pods and their ServiceAccounts name are there, and no token of ECR in them is at its end',
  commands: ['verify', 'doctor'],
  isMild: true,
  needs: ['Secret'],
  run(facts) {
    const uses = usesIn(facts);
    if (uses.size === 0) return { passed: '', findings: [] };
    return {
      passed: 'every pull secret is there and good',
      findings: [...uses.values()].flatMap(({ secret, by }) => judge(secret, by, facts)),
    };
  },
};

interface Use {
  readonly secret: ObjectRef;
  readonly by: readonly string[];
}

/** The pull secrets by their keys, each with who names it. */
function usesIn(facts: Facts): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  for (const live of [...liveOf(facts, 'ServiceAccount'), ...liveWorkloads(facts)]) {
    for (const name of pullSecretsNamed(live)) {
      const secret = { apiVersion: 'v1', kind: 'Secret', namespace: live.metadata.namespace ?? '', name };
      const { by } = uses.get(refKey(secret)) ?? { by: [] };
      uses.set(refKey(secret), { secret, by: [...by, formatRef(refOf(live))] });
    }
  }
  return uses;
}

function judge(secret: ObjectRef, by: readonly string[], { world, pullTokens }: Facts): readonly Finding[] {
  const named = [`named by ${by.join(', ')}`];
  if (world.get(secret) === undefined) {
    const fix = 'Make it, or leave it out; without it only images that need no password can be pulled.';
    return [warningOf('images/pull-secret', secret, 'does not exist', fix, named)];
  }
  const tokens = pullTokens.filter((token) => refKey(token.secret) === refKey(secret));
  return tokens.flatMap(({ host, expiresMs }): readonly Finding[] => {
    const leftMs = expiresMs - world.nowMs;
    const fix = 'Let it be renewed (the add-on image-pull-secrets), or let the role of the nodes pull.';
    if (leftMs <= 0) {
      const cause = `has a token for ${host} that expired ${formatSpan(-leftMs)} ago: new pods can't pull their images`;
      return [problemOf('images/pull-secret', secret, cause, fix, named)];
    }
    if (leftMs > shortMs) return [];
    const cause = `has a token for ${host} that expires in ${formatSpan(leftMs)}: then new pods can't pull their images`;
    return [warningOf('images/pull-secret', secret, cause, fix, named)];
  });
}
