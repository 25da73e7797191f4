import { usualPlaceholders } from '../../config/usual-placeholders.ts';
import { rulesOf, scan } from '../../manifests/placeholders/scan.ts';
import { allContainers, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, objectOf, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';

/** Another tool has applied the manifests as they are: `kubectl apply` fills no placeholder. */
export const placeholdersCheck: Check = {
  id: 'placeholders/filled',
  summary: 'no live object holds a placeholder that nobody filled',
  commands: ['doctor'],
  needs: [],
  run(facts) {
    const workloads = [...liveWorkloads(facts), ...liveOf(facts, 'CronJob')];
    const annotated = ['Ingress', 'Service', 'ServiceAccount'].flatMap((kind) => liveOf(facts, kind));
    return {
      passed: 'no placeholder is left in live objects',
      findings: [
        // A file in a ConfigMap may well have `${name}` for its own reader.
        ...liveOf(facts, 'ConfigMap').flatMap((live) => judge(live, dataTexts(live), facts, (text) => text[0] !== '$')),
        ...workloads.flatMap((live) => judge(live, containerTexts(live), facts)),
        ...annotated.flatMap((live) => judge(live, [...annotationTexts(live), ...hostTexts(live)], facts)),
      ],
    };
  },
};

/** What a foreign tool has left in is hardly ever of a style that the configuration had to turn on. */
const usualRules = rulesOf(usualPlaceholders);

interface Text {
  readonly path: string;
  readonly text: string;
}

function judge(
  live: KubernetesObject,
  texts: readonly Text[],
  facts: Facts,
  counts: (placeholder: string) => boolean = () => true,
): readonly Finding[] {
  const ref = refOf(live);
  // What the rendered manifest itself holds was escaped there ($${name}): it is meant.
  const manifest = facts.declared.find((one) => refKey(one.ref) === refKey(ref));
  const meant = JSON.stringify(manifest?.body ?? {});
  const left = texts.flatMap(({ path, text }) =>
    scan(text, usualRules)
      .filter((placeholder) => counts(placeholder.text) && !meant.includes(placeholder.text))
      .map((placeholder) => ({ path, placeholder: placeholder.text })),
  );
  if (left.length === 0) return [];
  const names = [...new Set(left.map(({ placeholder }) => placeholder))].join(', ');
  const evidence = left.slice(0, 5).map(({ path, placeholder }) => `${path}: ${placeholder}`);
  const fix = 'Deploy it again, which fills them: oms-deploy up (kubectl apply does not).';
  return [problemOf('placeholders/left', ref, `still holds what should have been filled in: ${names}`, fix, evidence)];
}

function dataTexts(live: KubernetesObject): readonly Text[] {
  return Object.entries(objectOf(live.data)).map(([key, value]) => ({ path: `data.${key}`, text: textOf(value) }));
}

function containerTexts(live: KubernetesObject): readonly Text[] {
  return allContainers(specOfPods(live)).flatMap((container) => {
    const name = textOf(container.name);
    const env = arrayOf(container.env).map((entry) => ({
      path: `container ${name}, env ${textOf(at(entry, 'name'))}`,
      text: textOf(at(entry, 'value')),
    }));
    return [{ path: `container ${name}, image`, text: textOf(container.image) }, ...env];
  });
}

function annotationTexts({ metadata }: KubernetesObject): readonly Text[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([name]) => name !== 'kubectl.kubernetes.io/last-applied-configuration')
    .map(([name, text]) => ({ path: `annotation ${name}`, text }));
}

function hostTexts(live: KubernetesObject): readonly Text[] {
  const tls = arrayOf(at(live, 'spec', 'tls')).flatMap((entry) => arrayOf(at(entry, 'hosts')));
  const hosts = arrayOf(at(live, 'spec', 'rules')).map((rule) => at(rule, 'host') ?? '');
  return [...hosts, ...tls].map((host) => ({ path: 'host', text: textOf(host) }));
}

function textOf(value: unknown): string {
  return stringOf(value) ?? '';
}
