import type { TemplatePart } from '../../model/readiness.ts';
import { type Container, keyOf, placeOf, quote } from './containers.ts';
import type { Signal } from './signal.ts';

/** A container that can't be made because of its configuration: a ConfigMap, Secret or key that is missing, mostly. */
export function configSignals(container: Container): readonly Signal[] {
  const { waiting } = container;
  if (waiting?.reason !== 'CreateContainerConfigError') return [];
  // The kubelet's own caches lag behind for a moment after a node or an object is new.
  const isLag = /failed to sync .* cache/i.test(waiting.message);
  const missing = missingConfig(waiting.message);
  return [
    {
      key: keyOf(container, `config/${missing?.cause ?? 'error'}`),
      occurrence: '',
      rule: isLag ? {} : { afterMs: 10_000 },
      problem: {
        id: missing === undefined ? 'config/invalid' : 'config/missing',
        cause: missing?.cause ?? `its configuration is refused: ${quote(waiting.message)}`,
        fix: missing?.fix ?? 'Correct the pod template: the kubelet says what it refuses.',
        about: missing?.about ?? { container: container.name, field: '' },
        evidence: [`${placeOf(container)}: ${waiting.reason}: ${quote(waiting.message)}`],
      },
    },
  ];
}

/** The kubelet's two sentences for what is missing; kinds are written as manifests write them. */
function missingConfig(
  message: string,
): { readonly cause: string; readonly fix: string; readonly about: TemplatePart } | undefined {
  const [, key, kindOfKey, place] = /couldn't find key (\S+) in (ConfigMap|Secret) (\S+)/i.exec(message) ?? [];
  if (key !== undefined) {
    const owner = `${kindOfKey ?? ''} ${place ?? ''}`;
    const name = place?.split('/').at(-1) ?? '';
    return {
      cause: `${owner} has no key ${key}`,
      fix: `Add ${key} to the manifest of ${owner}, or correct the reference to it.`,
      about: { kind: kindOf(kindOfKey), name, key },
    };
  }
  const [, kind, name] = /(configmap|secret) "([^"]+)" not found/i.exec(message) ?? [];
  if (kind === undefined) return undefined;
  const object = `${kindOf(kind)} ${name ?? ''}`;
  return {
    cause: `there is no ${object}`,
    fix: `Deploy ${object} with the manifests, or correct the reference to it.`,
    about: { kind: kindOf(kind), name: name ?? '' },
  };
}

function kindOf(written = ''): 'ConfigMap' | 'Secret' {
  return written.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}
