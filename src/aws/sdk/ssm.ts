/** The parts of the SDK that we use, in a file of their own: imported on demand, and nothing else is bundled. */
export { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
