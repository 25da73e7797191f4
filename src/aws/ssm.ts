import { errorFinding, type Finding } from '../model/finding.ts';
import type { AwsSession } from './session.ts';
import { arnParts, placeOf, type StoredPlace, type StoredReading } from './stored.ts';

/**
 * Reads a parameter of Parameter Store by its name or ARN; a SecureString is decrypted. An ARN is asked for in its own
 * region. The finding for a failure never holds a value; throws only DeployError('interrupted').
 */
export async function readParameter(session: AwsSession, id: string, signal: AbortSignal): Promise<StoredReading> {
  const reading = await session.call(
    {
      service: 'SSM',
      action: 'ssm:GetParameter',
      region: arnParts(id)?.region,
      async run(options, abortSignal) {
        const { SSMClient, GetParameterCommand } = await import('./sdk/ssm.ts');
        return new SSMClient(options).send(new GetParameterCommand({ Name: id, WithDecryption: true }), {
          abortSignal,
        });
      },
    },
    signal,
  );
  if (reading.ok) {
    const { Value: text = '', Type: type } = reading.value.Parameter ?? {};
    return { ok: true, text, isSecret: type === 'SecureString' };
  }
  const isAbsent = reading.error instanceof Error && reading.error.name === 'ParameterNotFound';
  const finding = isAbsent ? notFound(parameterNameOf(id), await placeOf(session, id)) : reading.finding;
  return { ok: false, finding };
}

/** The name of a parameter, without the rest of its ARN. */
export function parameterNameOf(id: string): string {
  return arnParts(id)?.resource.replace(/^parameter(?=\/)/, '') ?? id;
}

function notFound(name: string, { text, region }: StoredPlace): Finding {
  const fix = `Check its name (a path begins with /), the region and the account (--region, --profile): aws ssm describe-parameters --region ${region}`;
  return errorFinding('aws/no-parameter', `There is no parameter ${name} in ${text}.`, fix);
}
