import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { parseYaml } from '../../model/yaml.ts';

/** What a file is, by what stands in it. */
export type Classified =
  /** Or what is to be reported as one: broken, or with a mistake. */
  | { readonly state: 'manifest' }
  /** An oms-deploy.yaml. */
  | { readonly state: 'configuration' }
  /** `isForeign`: it has apiVersion and kind, of something that no cluster serves. */
  | { readonly state: 'other'; readonly what: string; readonly isForeign: boolean };

/** Objects that look like those of a cluster, and are read by a program instead. */
const foreignVersions: readonly (readonly [RegExp, string])[] = [
  [/^kind\.x-k8s\.io\//, 'a configuration of kind'],
  [/^k3d\.io\//, 'a configuration of k3d'],
  [/^eksctl\.io\//, 'a configuration of eksctl'],
  [/^kubeadm\.k8s\.io\//, 'a configuration of kubeadm'],
  [/^kops\.k8s\.io\//, 'a configuration of kops'],
  [/^ctlptl\.dev\//, 'a configuration of ctlptl'],
  [/^skaffold\//, 'a configuration of Skaffold'],
  [/^kustomize\.config\.k8s\.io\//, 'a file of Kustomize'],
  [/^(kubelet|kubeproxy|kubescheduler)\.config\.k8s\.io\//, 'a configuration of the cluster itself'],
  [
    /^(apiserver|audit|client\.authentication)\.k8s\.io\/|^apiserver\.config\.k8s\.io\//,
    'a configuration of the API server',
  ],
  [/^backstage\.io\//, 'an entry of Backstage'],
];

const knownNames: readonly (readonly [RegExp, string])[] = [
  [/^values([-._].*)?\.ya?ml$|[-._]values\.ya?ml$/i, 'values for Helm'],
  [/^Chart\.ya?ml$/, 'the head of a Helm chart'],
  [/^helmfile.*\.ya?ml$/i, 'a Helmfile'],
  [/^(docker-)?compose.*\.ya?ml$/i, 'for Docker Compose'],
  [/^skaffold.*\.ya?ml$/i, 'a configuration of Skaffold'],
  [/^package(-lock)?\.json$|^tsconfig.*\.json$/, 'of Node.js'],
  [/^prometheus\.ya?ml$/i, 'a configuration of Prometheus'],
];

const knownKeys: readonly (readonly [readonly string[], string])[] = [
  [['openapi'], 'an OpenAPI description'],
  [['swagger'], 'an OpenAPI description'],
  [['$schema'], 'a JSON document with its schema'],
  [['on', 'jobs'], 'a GitHub workflow'],
  [['true', 'jobs'], 'a GitHub workflow'],
  [['scrape_configs'], 'a configuration of Prometheus'],
  [['services'], 'for Docker Compose'],
];

/** Looks at a file's name and text. Nothing is judged here that could be a mistake in a manifest. */
export function classify(name: string, text: string): Classified {
  const file = name.split('/').at(-1) ?? name;
  if (/^oms-deploy(\..+)?\.ya?ml$/.test(file)) return { state: 'configuration' };
  // The usual case, without parsing it.
  if (/^apiVersion:/m.test(text) && /^kind:/m.test(text) && !mayBeForeign(text)) return { state: 'manifest' };
  const byName = knownNames.find(([pattern]) => pattern.test(file))?.[1];
  const { documents } = parseYaml(text);
  if (documents.some(({ errors }) => errors.length > 0))
    return byName === undefined ? { state: 'manifest' } : other(byName);
  const bodies = documents.flatMap((document): readonly unknown[] => {
    try {
      const body: unknown = document.toJS({ maxAliasCount: 1000 });
      return body === null || body === undefined ? [] : [body];
    } catch {
      return [{ kind: '', apiVersion: '' }];
    }
  });
  const [first] = bodies;
  if (first === undefined) return { state: 'manifest' };
  if (bodies.length === 1 && isObject(first) && 'application' in first && 'manifests' in first && !('kind' in first))
    return { state: 'configuration' };
  const foreign = bodies.map(foreignKind);
  if (foreign.every((what) => what !== undefined)) return { state: 'other', what: foreign[0] ?? '', isForeign: true };
  const isObjectLike = byName === undefined ? hasEither : hasBoth;
  if (bodies.some((body, index) => foreign[index] === undefined && partsOf(body).some(isObjectLike)))
    return { state: 'manifest' };
  return other(byName ?? byKeys(first) ?? 'without apiVersion and kind');
}

function other(what: string): Classified {
  return { state: 'other', what, isForeign: false };
}

function mayBeForeign(text: string): boolean {
  const versions = [...text.matchAll(/^apiVersion:\s*["']?([^\s"']+)/gm)].map(([, version = '']) => version);
  return /^kind:\s*["']?Config\b/m.test(text) || versions.some((version) => foreignVersion(version) !== undefined);
}

function foreignVersion(apiVersion: string): string | undefined {
  return foreignVersions.find(([pattern]) => pattern.test(apiVersion))?.[1];
}

function foreignKind(body: unknown): string | undefined {
  if (!isObject(body) || typeof body.apiVersion !== 'string') return undefined;
  if (body.apiVersion === 'v1' && body.kind === 'Config') return 'a kubeconfig';
  return foreignVersion(body.apiVersion);
}

/** A list of objects is a manifest with a mistake; one of anything else isn't one. */
function partsOf(body: unknown): readonly JsonObject[] {
  return (Array.isArray(body) ? (body as readonly Json[]) : [body]).filter(isObject);
}

function hasEither(body: JsonObject): boolean {
  return 'apiVersion' in body || 'kind' in body;
}

function hasBoth(body: JsonObject): boolean {
  return 'apiVersion' in body && 'kind' in body;
}

function byKeys(body: unknown): string | undefined {
  return isObject(body) ? knownKeys.find(([keys]) => keys.every((key) => key in body))?.[1] : undefined;
}
