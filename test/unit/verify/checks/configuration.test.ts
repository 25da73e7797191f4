import type { JsonObject } from '../../../../src/model/json.ts';
import { configHashCheck } from '../../../../src/verify/checks/config-hash.ts';
import { externalSecretsCheck } from '../../../../src/verify/checks/external-secrets.ts';
import { placeholdersCheck } from '../../../../src/verify/checks/placeholders.ts';
import { secretValuesCheck } from '../../../../src/verify/checks/secret-values.ts';
import { ago, container, namespace, rule, running } from './application.ts';
import { factsWith, judges } from './facts.ts';

const secret = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'credentials' };

judges(secretValuesCheck, [
  [
    'a line break at the end',
    factsWith({}, { secretFlaws: [{ secret, key: 'password', flaw: 'ends with a line break' }] }),
    {
      is: 'warning secrets/values Secret shop/credentials',
      cause: /password ends with a line break\.$/,
      fix: /^Correct the value of password .*oms-deploy up/,
    },
  ],
]);

/** The Deployment with another container. */
function containing(changes: JsonObject): JsonObject {
  return { spec: { template: { spec: { containers: [{ ...container, ...changes }] } } } };
}

const filled = /^Deploy it again.*oms-deploy up/;

judges(placeholdersCheck, [
  [
    'a value of a ConfigMap, once for all keys',
    factsWith(
      { 'ConfigMap settings': { data: { level: 'REPLACE_WITH_LEVEL', url: 'http://<CACHE_HOST>:1' } } },
      { declared: { 'ConfigMap settings': {} } },
    ),
    {
      is: 'error placeholders/left ConfigMap shop/settings',
      cause: /filled in: REPLACE_WITH_LEVEL, <CACHE_HOST>\.$/,
      fix: filled,
      evidence: /^data\.level: REPLACE_WITH_LEVEL\ndata\.url: <CACHE_HOST>$/,
    },
  ],
  [
    'an image',
    factsWith(
      { 'Deployment web': containing({ image: '${registry}/web:1' }) },
      { declared: { 'Deployment web': containing({ image: 'registry.example/web:1' }) } },
    ),
    {
      is: 'error placeholders/left Deployment shop/web',
      cause: /filled in: \$\{registry\}\.$/,
      fix: filled,
      evidence: /^container web, image: \$\{registry\}$/,
    },
  ],
  [
    'a variable',
    factsWith(
      { 'Deployment web': containing({ env: [{ name: 'HOST', value: '<REDIS_HOST>' }] }) },
      { declared: { 'Deployment web': {} } },
    ),
    {
      is: 'error placeholders/left Deployment shop/web',
      cause: /filled in: <REDIS_HOST>\.$/,
      fix: filled,
      evidence: /^container web, env HOST: /,
    },
  ],
  [
    'a ${name} in a file that a program reads',
    factsWith({ 'ConfigMap settings': { data: { config: '${name}' } } }, { declared: { 'ConfigMap settings': {} } }),
  ],
  [
    'a variable that the manifest has escaped',
    factsWith({ 'Deployment web': containing({ env: [{ name: 'FORMAT', value: '${name}' }] }) }),
  ],
  [
    'host and annotation of an Ingress',
    factsWith(
      {
        'Ingress web': {
          metadata: { annotations: { 'alb.ingress.kubernetes.io/certificate-arn': 'REPLACE_WITH_CERTIFICATE_ARN' } },
          spec: { rules: [rule('web', { number: 80 }, '${host_name}')] },
        },
      },
      { declared: { 'Ingress web': {} } },
    ),
    {
      is: 'error placeholders/left Ingress shop/web',
      cause: /filled in: REPLACE_WITH_CERTIFICATE_ARN, \$\{host_name\}\.$/,
      fix: filled,
      evidence: /^annotation alb.*certificate-arn: REPLACE_WITH_CERTIFICATE_ARN\nhost: /,
    },
  ],
]);

const changedNow = { metadata: { managedFields: [{ time: ago(5), fieldsV1: { 'f:data': {} } }] } };
const stale = {
  is: 'warning config/stale Deployment shop/web',
  cause: /has 2 pods that still run with old values: ConfigMap shop\/settings changed 5 min ago\.$/,
  fix: /^Restart the pods \(oms-deploy rollout restart deployment\/web\), .*oms-deploy up/,
  evidence: /web-a, web-b; the pod template has no oms-deploy\.io\/config-hash/,
};
const mounted = { ...container, env: [], volumeMounts: [{ name: 'files', mountPath: '/etc/web' }] };
const volumes = [{ name: 'files', configMap: { name: 'settings' } }];

judges(configHashCheck, [
  ['a ConfigMap that is newer than the pods', factsWith({ 'ConfigMap settings': changedNow }), stale],
  [
    'a template with the hash',
    factsWith({
      'ConfigMap settings': changedNow,
      'Deployment web': { spec: { template: { metadata: { annotations: { 'oms-deploy.io/config-hash': 'abc' } } } } },
    }),
  ],
  [
    'a container that has started again since',
    factsWith({
      'ConfigMap settings': changedNow,
      'Pod web-a': { status: { containerStatuses: [running({ state: { running: { startedAt: ago(1) } } })] } },
    }),
    { ...stale, cause: /has 1 pod that still runs with old values/, evidence: /before that: web-b;/ },
  ],
  [
    'only labels were changed',
    factsWith({
      'ConfigMap settings': {
        metadata: {
          managedFields: [
            { time: ago(120), fieldsV1: { 'f:data': {} } },
            { time: ago(5), fieldsV1: { 'f:metadata': {} } },
          ],
        },
      },
    }),
  ],
  [
    'a file, which the kubelet keeps up to date',
    factsWith({
      'ConfigMap settings': changedNow,
      'Deployment web': { spec: { template: { spec: { containers: [mounted], volumes } } } },
    }),
  ],
  [
    'a file that is mounted by subPath',
    factsWith({
      'ConfigMap settings': changedNow,
      'Deployment web': {
        spec: {
          template: {
            spec: {
              containers: [{ ...mounted, volumeMounts: [{ name: 'files', mountPath: '/a', subPath: 'level' }] }],
              volumes,
            },
          },
        },
      },
    }),
    stale,
  ],
]);

judges(externalSecretsCheck, [
  [
    'the cluster does not know the kind',
    factsWith(
      {},
      { unread: { ExternalSecret: "The cluster doesn't know the kind ExternalSecret of external-secrets.io/v1." } },
    ),
    {
      is: 'error secrets/operator ExternalSecret shop/credentials',
      cause: /can't exist: the cluster doesn't know its kind/,
      fix: /^Install the External Secrets Operator .*oms-deploy up/,
    },
  ],
  [
    'the store refuses',
    factsWith({
      'ExternalSecret credentials': {
        status: {
          conditions: [{ type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: 'AccessDenied' }],
        },
      },
    }),
    {
      is: 'error external-secret/sync ExternalSecret shop/credentials',
      cause: /is not up to date: its secret can't be read: AccessDenied/,
      fix: /^Check .*role of the operator.*oms-deploy doctor/,
      evidence: /SecretSyncedError/,
    },
  ],
]);
