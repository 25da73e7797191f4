import type { JsonObject } from '../../src/model/json.ts';
import type { TestSandbox } from '../../test/support/sandbox.ts';

/** What the cluster of all scenarios has beside the sandbox's own: a definition for ExternalSecrets, and a slow disk. */
export async function prepare(sandbox: TestSandbox): Promise<void> {
  await create(sandbox, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', externalSecrets);
  await create(sandbox, '/apis/storage.k8s.io/v1/storageclasses', immediate);
  for (let tries = 0; tries < 50; tries += 1) {
    const answer = await sandbox.request('GET', '/apis/external-secrets.io/v1/externalsecrets');
    if (answer.status === 200) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error('The definition of ExternalSecret is not served.');
}

async function create(sandbox: TestSandbox, path: string, body: JsonObject): Promise<void> {
  const answer = await sandbox.request('POST', path, body);
  if (answer.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
}

/** Any spec and status will do: what the operator would check is not the matter here. */
const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

const externalSecrets: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'externalsecrets.external-secrets.io' },
  spec: {
    group: 'external-secrets.io',
    scope: 'Namespaced',
    names: { plural: 'externalsecrets', singular: 'externalsecret', kind: 'ExternalSecret' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      },
    ],
  },
};

/** Volumes are made as soon as they are claimed, by a driver that no one plays. */
const immediate: JsonObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'at-once' },
  provisioner: 'ebs.csi.aws.com',
  volumeBindingMode: 'Immediate',
};
