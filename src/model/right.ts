import { groupBy } from './group.ts';

/** One thing that an identity may or may not do, as the API server's authorizers see it. */
export interface Right {
  /** `get`, `patch`. */
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** The plural, with its subresource: `deployments`, `pods/log`. */
  readonly resource: string;
  /** Absent for what is cluster-wide. The request for one namespace itself counts as one in it. */
  readonly namespace?: string;
  /** The objects that it is needed for; empty where it can't be narrowed to some. */
  readonly names: readonly string[];
}

/** `patch deployments.apps in namespace shop`, `create namespaces in the whole cluster`. */
export function formatRight({ verb, group, resource, namespace }: Omit<Right, 'names'>): string {
  const [plural = '', subresource] = resource.split('/');
  const what = [group === '' ? plural : `${plural}.${group}`, ...(subresource === undefined ? [] : [subresource])];
  return `${verb} ${what.join('/')} ${namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`}`;
}

/** Each right once, with all the objects that it is needed for. */
export function distinctRights(rights: readonly Right[]): readonly Right[] {
  const byText = groupBy(rights, formatRight);
  return [...byText.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const all = [first, ...others];
    const isWide = all.some(({ names }) => names.length === 0);
    return [{ ...first, names: isWide ? [] : [...new Set(all.flatMap(({ names }) => names))] }];
  });
}

/**
 * The right whose lack a 403 of the API server names: `User "x" cannot patch resource "deployments" in API group "apps" in
 * the namespace "shop"`; as `formatRight` writes it. Undefined for other refusals.
 */
export function rightRefused(message: string): string | undefined {
  const found =
    /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)"| at the cluster scope)?/.exec(
      message,
    );
  if (found === null) return undefined;
  const [, verb = '', resource = '', group = '', namespace] = found;
  return formatRight({ verb, group, resource, ...(namespace === undefined ? {} : { namespace }) });
}
