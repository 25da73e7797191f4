/** The parts of the SDK that we use, in a file of their own: imported on demand, and nothing else is bundled. */
export { DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
