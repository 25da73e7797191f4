import assert from 'node:assert/strict';
import type { Values } from '../../../src/manifests/fill-document.ts';
import { tokenised } from '../../../src/manifests/load-chosen.ts';
import { markFields } from '../../../src/manifests/placeholders/marks.ts';
import { type PlaceholderRules, rulesOf } from '../../../src/manifests/placeholders/scan.ts';
import { type Rendering, render } from '../../../src/manifests/render.ts';
import type { SourceFile } from '../../../src/manifests/sources/source-file.ts';
import type { Input, Inputs, SourceKind } from '../../../src/model/input.ts';
import type { Scalar } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { isKubernetesObject, refOf } from '../../../src/model/object.ts';
import { configOf } from '../../support/config.ts';

/** Inputs that come from one kind of source: its type decides how an unquoted placeholder is read. */
export function inputsFrom(kind: SourceKind, values: Readonly<Record<string, Scalar>>): Inputs {
  return new Map(
    Object.entries(values).map(([name, value]): readonly [string, Input] => [
      name,
      { name, value, secret: false, source: { kind, detail: name } },
    ]),
  );
}

interface Given {
  readonly inputs?: Inputs;
  readonly absent?: readonly string[];
  readonly missing?: readonly string[];
  readonly secret?: readonly string[];
  readonly known?: readonly string[];
  readonly meant?: readonly string[];
  readonly encoded?: readonly string[];
  /** `placeholders:` of the configuration. */
  readonly placeholders?: Readonly<Record<string, unknown>>;
}

export function valuesWith({
  inputs = new Map(),
  absent = [],
  missing = [],
  secret = [],
  known = [],
  meant = [],
  encoded = [],
}: Given): Values {
  const sets = { absent: new Set(absent), missing: new Set(missing), secret: new Set(secret) };
  return { inputs, ...sets, known, meant: new Set(meant), encoded: new Set(encoded) };
}

/** The rules of a configuration with these `placeholders:`. */
export function rulesWith(placeholders: Readonly<Record<string, unknown>> = {}): PlaceholderRules {
  return rulesOf(configOf({ placeholders }).placeholders);
}

/** A file as it is loaded: with tokens for its placeholders. */
export function loaded(
  text: string,
  placeholders: Readonly<Record<string, unknown>> = {},
  name = 'k8s/app.yaml',
): SourceFile {
  const rules = rulesWith(placeholders);
  return markFields(tokenised({ name, text }, rules), rules).file;
}

/** Renders one file `k8s/app.yaml`. */
export function renderText(text: string, given: Given = {}): Rendering {
  return render([loaded(text, given.placeholders)], valuesWith(given));
}

/** The bodies of a rendering in which nothing was wrong. */
export function bodiesOf(text: string, given: Given = {}): readonly unknown[] {
  const { manifests, findings } = renderText(text, given);
  assert.deepEqual(findings, []);
  return manifests.map(({ body }) => body);
}

/** `id file:line` of each finding. */
export function placesOf({ findings }: Pick<Rendering, 'findings'>): readonly string[] {
  return findings.map(({ id, origin }) => `${id} ${origin?.file ?? ''}:${origin?.line ?? ''}`);
}

/** A manifest as rendering makes it. */
export function manifest(body: unknown, line = 1, file = 'k8s/app.yaml'): Manifest {
  assert.ok(isKubernetesObject(body));
  return { ref: refOf(body), body, origin: { file, line }, lineOf: () => undefined };
}

/** The manifests in a text without placeholders. */
export function manifestsIn(text: string): readonly Manifest[] {
  const { manifests, findings } = renderText(text);
  assert.deepEqual(findings, []);
  return manifests;
}
