import { objectOf, textOf } from '../model/json.ts';
import { groupOf } from '../model/object.ts';
import { capitalized } from '../model/text.ts';
import { fieldTableText } from './field-table-text.ts';

/** A field of the API: its type as @kubernetes/client-node has it, such as `Array<V1Container>`. */
export type FieldTypes = ReadonlyMap<string, string>;

/** The fields of the kinds that Kubernetes itself has. */
export interface FieldTable {
  /** The type of a kind; undefined for one that isn't Kubernetes' own. */
  typeOf(apiVersion: string, kind: string): string | undefined;
  /** The fields of a type, undefined for what has none of its own. */
  fieldsOf(type: string): FieldTypes | undefined;
  /** The kinds of a version of Kubernetes' own groups; empty for other groups. */
  kindsOf(apiVersion: string): readonly string[];
}

/** Groups that are Kubernetes' own: their kinds have a model each. */
const ownGroups: ReadonlySet<string> = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/**
 * Reads the table that the build makes of the models of @kubernetes/client-node (scripts/build/field-table.ts): the models
 * themselves would be some megabytes of code.
 */
export async function loadFieldTable(): Promise<FieldTable> {
  const types = objectOf(JSON.parse(await fieldTableText()));
  const known = new Map(Object.entries(types).map(([type, fields]) => [type, typesOf(fields)]));
  const isKind = (type: string): boolean => {
    const fields = known.get(type);
    return fields?.get('apiVersion') === 'string' && fields.get('metadata') === 'V1ObjectMeta';
  };
  return {
    fieldsOf: (type) => known.get(type),
    typeOf(apiVersion, kind) {
      const type = `${prefixOf(apiVersion)}${kind}`;
      return ownGroups.has(groupOf(apiVersion)) && isKind(type) ? type : undefined;
    },
    kindsOf(apiVersion) {
      const prefix = prefixOf(apiVersion);
      if (!ownGroups.has(groupOf(apiVersion))) return [];
      return [...known.keys()]
        .filter((name) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length)) && isKind(name))
        .map((name) => name.slice(prefix.length));
    },
  };
}

function typesOf(fields: unknown): FieldTypes {
  return new Map(Object.entries(objectOf(fields)).map(([name, type]) => [name, textOf(type)]));
}

/** `V1` of `apps/v1`, `V2beta1` of `autoscaling/v2beta1`. */
function prefixOf(apiVersion: string): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return capitalized(version);
}
