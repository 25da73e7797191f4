/** The parts of the SDK that we use, in a file of their own: imported on demand, and nothing else is bundled. */
export { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
