import { type CallerReading, identifyCaller } from '../aws/caller.ts';
import { readSecret, secretNameOf } from '../aws/secrets-manager.ts';
import { type AwsSession, createAwsSession } from '../aws/session.ts';
import { parameterNameOf, readParameter } from '../aws/ssm.ts';
import type { Config } from '../config/schema.ts';
import { during, type Host } from '../events.ts';
import { outputNamesOf } from './sources.ts';
import type { StoredValues } from './stored.ts';
import { type OutputsReading, type OutputsRequest, readOutputs } from './terraform.ts';

/** Where Terraform's outputs are, and how AWS is called: flags and environment. */
export interface SurroundingsRequest extends OutputsRequest {
  readonly region?: string | undefined;
  /** Outputs that may name the region, those that the configuration names first. */
  readonly regionOutputs: readonly string[];
}

/** What a run reads from Terraform and AWS, for its inputs and for its target: each at the first need, and once. */
export interface Surroundings extends StoredValues {
  readonly aws: AwsSession;
  outputs(): Promise<OutputsReading>;
  /** Who calls AWS; in another region than the session's where one is given. */
  caller(region?: string): Promise<CallerReading>;
}

/** The outputs that may name the region: the sources of the configuration's own input for it, then the usual names. */
export function regionOutputsOf({ inputs }: Pick<Config, 'inputs'>): readonly string[] {
  const own = Object.values(inputs).filter(({ sources }) =>
    sources.some((source) => 'aws' in source && source.aws === 'region'),
  );
  return [...own.flatMap(({ sources }) => sources.flatMap(outputNamesOf)), 'aws_region', 'region'];
}

/** Prepares the surroundings; nothing is read yet. */
export function createSurroundings(request: SurroundingsRequest, host: Host, signal: AbortSignal): Surroundings {
  const { terraformDir, outputsFile, env, region, profile, regionOutputs } = request;
  let reading: Promise<OutputsReading> | undefined;
  const outputs = (): Promise<OutputsReading> => {
    if (reading === undefined) {
      const place = terraformDir ?? (outputsFile === '-' ? 'stdin' : outputsFile);
      if (place !== undefined)
        host.emit({ type: 'step', name: 'inputs', message: `Reading Terraform's outputs from ${place}` });
      reading = during(`Reading Terraform's outputs`, host, () => readOutputs(request, signal));
    }
    return reading;
  };
  const aws = createAwsSession({
    env,
    region,
    profile,
    fallbackRegion: async () => regionOf(await outputs(), regionOutputs),
  });
  const callers = new Map<string, Promise<CallerReading>>();
  return {
    aws,
    outputs,
    async caller(other) {
      const where = other ?? (await aws.region());
      const known = callers.get(where ?? '');
      if (known !== undefined) return known;
      if (callers.size === 0) host.emit({ type: 'step', name: 'inputs', message: 'Asking AWS who is calling' });
      const asking = during('Asking AWS who is calling', host, () => identifyCaller(aws, signal, where));
      callers.set(where ?? '', asking);
      return asking;
    },
    secret: oncePerId((id) => {
      const message = `Reading the secret ${secretNameOf(id)} from AWS Secrets Manager`;
      host.emit({ type: 'step', name: 'inputs', message });
      return during(message, host, () => readSecret(aws, id, signal));
    }),
    parameter: oncePerId((id) => {
      const message = `Reading the parameter ${parameterNameOf(id)} from AWS Parameter Store`;
      host.emit({ type: 'step', name: 'inputs', message });
      return during(message, host, () => readParameter(aws, id, signal));
    }),
  };
}

/** Asks once for each id: who asks again meanwhile or later shares the answer. */
function oncePerId<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (id) => {
    const answer = asked.get(id) ?? ask(id);
    asked.set(id, answer);
    return answer;
  };
}

/** The region that Terraform's outputs name: by an output of its own, or in the cluster's address or ARN. */
function regionOf({ outputs }: OutputsReading, regionOutputs: readonly string[]): string | undefined {
  const texts = (names: readonly string[]): readonly string[] =>
    names.map((name) => outputs.get(name)?.value).filter((value) => typeof value === 'string');
  const named = texts(regionOutputs).find((value) => value !== '');
  if (named !== undefined) return named;
  const [, inHost] =
    texts(['eks_cluster_endpoint', 'cluster_endpoint'])
      .map((endpoint) => /\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\./.exec(endpoint))
      .find((match) => match !== null) ?? [];
  return inHost;
}
