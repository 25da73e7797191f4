import { DeployError } from '../errors.ts';
import { groupOf, type ObjectRef } from '../model/object.ts';
import { meantOneOf, suggest } from '../model/suggest.ts';

/** The kinds that roll out, and what they are called. The first name is the one that we use. */
const names: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['deployment', 'deployments', 'deploy'],
  StatefulSet: ['statefulset', 'statefulsets', 'sts'],
  DaemonSet: ['daemonset', 'daemonsets', 'ds'],
};

/** The kinds that roll out. */
export const rolloutKinds: readonly string[] = Object.keys(names);

/** Whether an object rolls out: it replaces its pods when its template changes. */
export function rollsOut({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return groupOf(apiVersion) === 'apps' && kind in names;
}

/** `deployment/web`. */
export function workloadName({ kind, name }: ObjectRef): string {
  return `${names[kind]?.[0] ?? kind.toLowerCase()}/${name}`;
}

interface Wanted {
  readonly kind?: string;
  readonly name: string;
}

/** Reads `web`, `deployment/web`, `Deployment/web`, `deploy/web` and, as kubectl prints it, `deployment.apps/web`. */
function parse(text: string): Wanted {
  const slash = text.indexOf('/');
  if (slash < 0) return { name: text };
  const prefix = text.slice(0, slash);
  const word = prefix.toLowerCase().replace(/\.apps$/, '');
  const kind = rolloutKinds.find((one) => names[one]?.includes(word));
  if (kind !== undefined) return { kind, name: text.slice(slash + 1) };
  throw new DeployError('usage', `${JSON.stringify(prefix)} is no kind that rolls out. Nothing was changed.`, {
    fix: `Name a ${rolloutKinds.join(', ')}, such as deployment/${text.slice(slash + 1)}.`,
  });
}

/**
 * The workload that is meant, among those that there are. Of equal names those in the application's own namespace win.
 *
 * @param where where they were looked for: `release 3 of web`.
 * @throws DeployError `usage` where there is none of this name, or where several kinds have it.
 */
export function chooseWorkload(text: string, there: readonly ObjectRef[], home: string, where: string): ObjectRef {
  const wanted = parse(text);
  const named = there.filter(({ kind, name }) => name === wanted.name && (wanted.kind ?? kind) === kind);
  const atHome = named.filter(({ namespace }) => namespace === home);
  const [first, ...others] = atHome.length > 0 ? atHome : named;
  if (first === undefined) throw unknown(text, wanted, there, where);
  if (others.length === 0) return first;
  const all = [first, ...others];
  throw new DeployError('usage', `${text} is not clear. Nothing was changed.`, {
    why: `There are ${all.map(({ kind, namespace = '', name }) => `${kind} ${namespace}/${name}`).join(' and ')}.`,
    fix: `Name one: ${all.map(workloadName).join(' or ')}.`,
  });
}

function unknown(text: string, { name }: Wanted, there: readonly ObjectRef[], where: string): DeployError {
  const known = there.map(workloadName).sort();
  const ofAnotherKind = there.filter((one) => one.name === name).map(workloadName);
  const names = there.map((one) => one.name);
  const near = ofAnotherKind.length > 0 ? ofAnotherKind : suggest(name, names);
  return new DeployError('usage', `There is no workload ${text} in ${where}. Nothing was changed.`, {
    why:
      known.length === 0 ? 'There is none at all.' : `There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`,
    fix: meantOneOf(near) || 'See them: oms-deploy status.',
  });
}
