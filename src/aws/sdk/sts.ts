/** The parts of the SDK that we use, in a file of their own: imported on demand, and nothing else is bundled. */
export { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
