import type { Topic } from './topic.ts';

/** The rights of templates/access/. */
export const rightsTopic: Topic = {
  lead: 'What a deploy may do in the cluster, and in AWS. plan and up name each right that is missing. The files are in templates/access/ of the package; sts:GetCallerIdentity needs no permission.',
  tables: [
    {
      head: ['file', 'grants', 'to'],
      rows: [
        [
          'role.yaml',
          'ConfigMap, Secret, ServiceAccount, Service, Deployment, HorizontalPodAutoscaler, Ingress: get, list, create, patch, delete (and watch, where they are waited for)',
          'up, plan, rollback, rollout; delete: prune and cleanup. Secret also for the records of releases',
        ],
        ['', 'the namespace itself: get, patch', 'the same, where a manifest describes it'],
        ['', 'Lease: get, create, update; list, delete', 'all that deploy, for the lock; cleanup'],
        [
          '',
          'EndpointSlice, Pod, Event, ReplicaSet: list, watch; pods/log: get',
          'waiting and explaining; status, logs, verify, doctor',
        ],
        ['', 'ResourceQuota, LimitRange, NetworkPolicy: list', 'the preflight'],
        ['', 'PodDisruptionBudget, pod metrics: list', 'doctor'],
        ['', 'pods/portforward, pods/exec: get, create', 'verify, to ask pods'],
        ['cluster-role.yaml', 'namespaces: create, patch', 'up, only where it makes the namespace'],
        [
          '(optional)',
          'namespaces: get, list; IngressClass: list, watch; APIService, webhook configurations, EndpointSlice, Node: list',
          'the preflight, verify, doctor: what they may not read they say',
        ],
      ],
    },
    {
      head: ['action', 'for'],
      rows: [
        ['eks:DescribeCluster', 'all commands that connect without a kubeconfig'],
        ['eks:ListClusters', "only the message about a cluster that isn't there"],
        ['iam:ListAccountAliases', 'only shown'],
        [
          'ecr:DescribeImages, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer',
          'images in ECR: the digest of a tag, the architecture',
        ],
        ['ecr:GetAuthorizationToken', 'only a pull secret'],
        [
          'rds:DescribeDBClusters, elasticache:DescribeReplicationGroups',
          'the add-on backup: whether data stores make snapshots',
        ],
        [
          'secretsmanager:GetSecretValue, ssm:GetParameter, kms:Decrypt',
          'inputs that come from there; kms:Decrypt only with a key of your own',
        ],
      ],
    },
  ],
};
