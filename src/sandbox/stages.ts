import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { arrayOf, at, isObject, type Json, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import { behaviorAnnotation, behaviorQuery, behaviors } from './behavior.ts';

/**
 * kwok's configuration: the stages of src/sandbox/kwok/*.yaml, each written out once for every behaviour that its
 * annotation names, and what kwok's server answers for exec, attach and SPDY port-forwards.
 */
export async function kwokConfig(kwokDir: string, appPort: number): Promise<string> {
  const files = (await readdir(kwokDir)).filter((name) => name.endsWith('.yaml') && name !== 'partials.yaml').sort();
  const partials = await readPartials(join(kwokDir, 'partials.yaml'));
  const texts = await Promise.all(files.map((name) => readFile(join(kwokDir, name), 'utf8')));
  const stages = texts.flatMap((text) => parseAllDocuments(text).map((document) => objectOf(document.toJS())));
  const written = stages.flatMap((stage) => expandStage(stage, partials));
  return [...written, ...serverRules(appPort)].map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

async function readPartials(file: string): Promise<string> {
  const texts = Object.entries(objectOf(parse(await readFile(file, 'utf8'))));
  return texts.map(([name, text]) => `{{ define "${name}" }}${stringOf(text) ?? ''}{{ end }}\n`).join('');
}

function expandStage(stage: JsonObject, partials: string): readonly JsonObject[] {
  const named = stringOf(at(stage, 'metadata', 'annotations', 'behaviors'));
  // Only pods have the functions that the parts call.
  const parts = at(stage, 'spec', 'resourceRef', 'kind') === 'Pod' ? partials : '';
  if (named === undefined || named === 'any') return [withTemplates(stage, `${parts}${variables('')}`)];
  return named.split(',').map((behavior) => forBehavior(stage, behavior, partials));
}

function forBehavior(stage: JsonObject, behavior: string, partials: string): JsonObject {
  const chosen =
    behavior === 'none'
      ? { key: behaviorQuery, operator: 'NotIn', values: [...behaviors] }
      : { key: behaviorQuery, operator: 'In', values: [behavior] };
  const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
  const write = (text: string): string => text.replaceAll('$HIT', hitQuery(behavior)).replaceAll('$BEHAVIOR', behavior);
  const spec = objectOf(mapStrings(stage['spec'] ?? {}, write));
  const own = arrayOf(at(spec, 'selector', 'matchExpressions'));
  const result: JsonObject = {
    ...stage,
    metadata: { name: `${stringOf(at(stage, 'metadata', 'name'))}-${behavior}` },
    spec: { ...spec, selector: { matchExpressions: [alive, chosen, ...own] } },
  };
  return withTemplates(result, `${partials}${variables(behavior)}`);
}

/** The statuses of the containers that a behaviour hits: all by the annotation, else those with the tag. */
function hitQuery(behavior: string): string {
  return (
    `(.metadata.annotations["${behaviorAnnotation}"] == "${behavior}") as $all | .status.containerStatuses[]? ` +
    `| select($all or (.image | split("@")[0] | endswith(":${behavior}")))`
  );
}

/** What every template may use: the time, the behaviour, the tag that hits, whether the annotation hits all. */
function variables(behavior: string): string {
  return [
    '{{ $now := Now }}',
    `{{ $behavior := "${behavior}" }}`,
    `{{ $tag := ":${behavior}" }}`,
    `{{ $all := eq (get (default (dict) .metadata.annotations) "${behaviorAnnotation}") "${behavior}" }}\n`,
  ].join('');
}

function withTemplates(stage: JsonObject, prefix: string): JsonObject {
  const isPod = at(stage, 'spec', 'resourceRef', 'kind') === 'Pod';
  const add = (value: Json | undefined): Json | undefined => {
    if (Array.isArray(value)) return value.map((item: Json) => add(item) ?? null);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => {
      if (key === 'patch' && isPod) return [key, statusPatch(objectOf(item), prefix)];
      return [key, key === 'template' && typeof item === 'string' ? prefix + item : add(item)];
    });
    const changed: JsonObject = Object.fromEntries(entries);
    return changed;
  };
  return objectOf(add(stage));
}

/**
 * kwok patches by name. With the uid the API server refuses a status that comes late, when a StatefulSet has made
 * another pod of that name already: it would crash in the place of the one before.
 */
function statusPatch(patch: JsonObject, prefix: string): JsonObject {
  const { template, root: _, ...rest } = patch;
  const indented = `${prefix}${stringOf(template) ?? ''}`.replaceAll(/^(?=.)/gm, '  ');
  return { ...rest, template: `metadata: { uid: {{ .metadata.uid | Quote }} }\nstatus:\n${indented}` };
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item ?? null, change)]));
}

function serverRules(appPort: number): readonly JsonObject[] {
  const apiVersion = 'kwok.x-k8s.io/v1alpha1';
  const metadata = { name: 'sandbox' };
  // Programs read one or the other (curl only the small one): the application's server is the cluster's network.
  const envs = ['http_proxy', 'HTTP_PROXY'].map((name) => ({ name, value: `http://127.0.0.1:${appPort}` }));
  return [
    { apiVersion, kind: 'ClusterExec', metadata, spec: { execs: [{ local: { envs } }] } },
    {
      apiVersion,
      kind: 'ClusterPortForward',
      metadata,
      spec: { forwards: [{ target: { address: '127.0.0.1', port: appPort } }] },
    },
  ];
}
