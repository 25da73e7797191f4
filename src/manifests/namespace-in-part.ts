import { kindOf } from '../kinds/index.ts';
import { countOf } from '../model/age.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { at } from '../model/json.ts';
import {
  formatOrigin,
  formatRef,
  isKubernetesObject,
  itemsOf,
  type ObjectRef,
  type Origin,
  refOf,
} from '../model/object.ts';
import { shellQuoted } from '../model/text.ts';
import { offsetOf, parseYaml } from '../model/yaml.ts';
import { namespacesIn } from './namespaces.ts';
import { hasToken } from './placeholders/tokens.ts';
import { originIn, type SourceFile } from './sources/source-file.ts';

/** An object of the files, and the namespace that it says by itself: a placeholder leaves it to the deploy. */
interface Placed {
  readonly ref: ObjectRef;
  readonly namespace: string | undefined;
  readonly origin: Origin;
}

/**
 * What is wrong where only a part of the objects names a namespace, and it isn't the one of the deploy: then it doesn't
 * tell what the manifests were written for. A typo in one of them would move and rename the whole application. Nothing is
 * wrong where a manifest makes that namespace, nor with `default`, which is what no namespace means, too.
 */
export function namespaceInPart(files: readonly SourceFile[], wanted: string): Finding | undefined {
  const [only, ...others] = namespacesIn(files);
  if (only === undefined || others.length > 0 || only === wanted || only === 'default') return undefined;
  const { placed, makes } = placesIn(files);
  const named = placed.filter(({ namespace }) => namespace === only);
  const left = placed.length - named.length;
  const [first] = named;
  if (first === undefined || left === 0 || makes.has(only)) return undefined;
  const also = named.length === 1 ? '' : ` (and ${countOf(named.length - 1, 'other object')})`;
  const rest = left === 1 ? 'the other object leaves' : `${left} other objects leave`;
  return errorFinding(
    'manifests/namespace',
    `${titleOf(first)}${also} names the namespace ${only}, but -n says ${wanted}, and ${rest} it to -n.`,
    `Correct metadata.namespace, or take it out: then it is ${wanted}. Is ${only} meant for all of them, say -n ${shellQuoted(only)}. Does it belong elsewhere than the others, say so in a configuration: oms-deploy init.`,
    {
      object: first.ref,
      origin: first.origin,
      evidence: named.slice(1).map((one) => `${formatOrigin(one.origin)}  ${titleOf(one)}`),
    },
  );
}

function titleOf({ ref: { kind, name } }: Placed): string {
  return formatRef({ apiVersion: '', kind, name });
}

/** The objects that surely live in a namespace, and the namespaces that others of them make. */
function placesIn(files: readonly SourceFile[]): {
  readonly placed: readonly Placed[];
  readonly makes: ReadonlySet<string>;
} {
  const placed: Placed[] = [];
  const makes = new Set<string>();
  for (const file of files) {
    const { documents, lines } = parseYaml(file.text);
    for (const document of documents.filter(({ errors }) => errors.length === 0)) {
      const body: unknown = document.toJS();
      const items = itemsOf(body);
      for (const [index, object] of (items ?? [body]).entries()) {
        if (!isKubernetesObject(object)) continue;
        const ref = refOf(object);
        if (object.kind === 'Namespace') makes.add(ref.name);
        const written = at(object, 'metadata', 'namespace');
        const namespace = typeof written === 'string' && !hasToken.test(written) ? written : undefined;
        if (kindOf(object)?.namespaced !== true && namespace === undefined) continue;
        const path = `${items === undefined ? '' : `items[${index}].`}metadata.namespace`;
        const { line } = lines.linePos(offsetOf(document, path) ?? 0);
        placed.push({ ref, namespace, origin: originIn(file, line) });
      }
    }
  }
  return { placed, makes };
}
