import type { JsonObject } from '../../src/model/json.ts';

const deployment = (containers: readonly JsonObject[]): JsonObject => ({ template: { spec: { containers } } });

/** A patch, and what it makes of the spec of an object. */
export interface MergeCase {
  readonly name: string;
  readonly kind?: readonly [kind: string, apiVersion: string];
  readonly base: JsonObject;
  readonly patch: JsonObject;
  readonly expected: JsonObject;
}

/** A Deployment where no kind is said. */
export const mergeCases: readonly MergeCase[] = [
  {
    name: 'mappings are merged, null takes away',
    kind: ['Service', 'v1'],
    base: { selector: { app: 'a', tier: 'b' }, type: 'ClusterIP', clusterIP: 'None' },
    patch: { selector: { tier: null, zone: 'c' }, clusterIP: null },
    expected: { selector: { app: 'a', zone: 'c' }, type: 'ClusterIP' },
  },
  {
    name: 'containers by name, env by name, ports by containerPort; the order is that of the patch',
    base: deployment([
      { name: 'side', image: 's:1' },
      { name: 'app', image: 'a:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80, name: 'http' }] },
    ]),
    patch: deployment([
      {
        name: 'app',
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '3' },
        ],
        ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 81 }],
      },
      { name: 'new', image: 'n:1' },
    ]),
    expected: deployment([
      { name: 'side', image: 's:1' },
      {
        name: 'app',
        image: 'a:1',
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '3' },
        ],
        ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }, { containerPort: 81 }],
      },
      { name: 'new', image: 'n:1' },
    ]),
  },
  {
    name: 'new items, and those that the patch does not speak of',
    base: deployment([{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }]),
    patch: deployment([{ name: 'new' }, { name: 'c', image: 'c:2' }]),
    expected: deployment([{ name: 'new' }, { name: 'a' }, { name: 'b' }, { name: 'c', image: 'c:2' }, { name: 'd' }]),
  },
  {
    name: 'args are replaced',
    base: deployment([{ name: 'app', args: ['a', 'b'] }]),
    patch: deployment([{ name: 'app', args: ['c'] }]),
    expected: deployment([{ name: 'app', args: ['c'] }]),
  },
  {
    name: '$patch: delete in a list, and in a list that has no such item',
    base: deployment([
      { name: 'side', image: 's:1' },
      { name: 'app', image: 'a:1' },
    ]),
    patch: deployment([
      { $patch: 'delete', name: 'side' },
      { $patch: 'delete', name: 'none' },
    ]),
    expected: deployment([{ name: 'app', image: 'a:1' }]),
  },
  {
    name: '$patch: replace of a mapping and of a list',
    base: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, ...deployment([{ name: 'a' }]) },
    patch: {
      strategy: { $patch: 'replace', type: 'Recreate' },
      ...deployment([{ $patch: 'replace' }, { name: 'b' }]),
    },
    expected: { strategy: { type: 'Recreate' }, ...deployment([{ name: 'b' }]) },
  },
  {
    name: 'ports of a Service by port',
    kind: ['Service', 'v1'],
    base: { ports: [{ port: 80, targetPort: 8080 }] },
    patch: { clusterIP: 'None', ports: [{ port: 80, name: 'http' }, { port: 81 }] },
    expected: { clusterIP: 'None', ports: [{ port: 80, targetPort: 8080, name: 'http' }, { port: 81 }] },
  },
  {
    name: 'rules of an Ingress and metrics of an HPA are replaced',
    kind: ['Ingress', 'networking.k8s.io/v1'],
    base: { rules: [{ host: 'a' }, { host: 'b' }] },
    patch: { rules: [{ host: 'c' }] },
    expected: { rules: [{ host: 'c' }] },
  },
  {
    name: 'lists of foreign kinds are replaced, whatever they are called',
    kind: ['Widget', 'example.com/v1'],
    base: { containers: [{ name: 'a' }] },
    patch: { containers: [{ name: 'b' }] },
    expected: { containers: [{ name: 'b' }] },
  },
  {
    name: '$deleteFromPrimitiveList',
    kind: ['PersistentVolumeClaim', 'v1'],
    base: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] },
    patch: { '$deleteFromPrimitiveList/accessModes': ['ReadOnlyMany'] },
    expected: { accessModes: ['ReadWriteOnce'] },
  },
  {
    name: '$patch: delete of a mapping empties it',
    base: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $patch: 'delete' } },
    expected: { strategy: {} },
  },
];

/** Patches of the spec of a Deployment with a container `app` that can't be carried out. */
export const refusedPatches: readonly { readonly name: string; readonly patch: JsonObject }[] = [
  { name: 'an item without its merge key', patch: deployment([{ nme: 'app', image: 'a:2' }]) },
  {
    name: 'an item of a list in a list without its merge key',
    patch: deployment([{ name: 'app', env: [{ nme: 'A' }] }]),
  },
  { name: 'an item that is no mapping', patch: deployment([{ name: 'app', env: ['A=1'] }]) },
  { name: 'a directive that there is not', patch: { template: { $patch: 'remove' } } },
];

/** What they are for. */
export const refusingBase = deployment([{ name: 'app', image: 'a:1', env: [{ name: 'A', value: '1' }] }]);
