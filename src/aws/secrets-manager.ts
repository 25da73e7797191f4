import { errorFinding, type Finding } from '../model/finding.ts';
import { shellQuoted } from '../model/text.ts';
import type { AwsSession } from './session.ts';
import { arnParts, placeOf, type StoredPlace, type StoredReading } from './stored.ts';

/**
 * Reads the current value of a secret by its ARN or name. An ARN is asked for in its own region. The finding for a failure
 * never holds a value; throws only DeployError('interrupted').
 */
export async function readSecret(session: AwsSession, id: string, signal: AbortSignal): Promise<StoredReading> {
  const arn = arnParts(id);
  const reading = await session.call(
    {
      service: 'Secrets Manager',
      action: 'secretsmanager:GetSecretValue',
      region: arn?.region,
      async run(options, abortSignal) {
        const { SecretsManagerClient, GetSecretValueCommand } = await import('./sdk/secrets-manager.ts');
        return new SecretsManagerClient(options).send(new GetSecretValueCommand({ SecretId: id }), { abortSignal });
      },
    },
    signal,
  );
  const name = secretNameOf(id);
  if (reading.ok) {
    const { SecretString: text } = reading.value;
    return text === undefined ? { ok: false, finding: binary(name) } : { ok: true, text, isSecret: true };
  }
  const where = await placeOf(session, id);
  return { ok: false, finding: explain(name, id, where, reading.error) ?? reading.finding };
}

/** The name of a secret, without the rest of its ARN and the six random characters at the end of it. */
export function secretNameOf(id: string): string {
  return (
    arnParts(id)
      ?.resource.replace(/^secret:/, '')
      .replace(/-[A-Za-z0-9]{6}$/, '') ?? id
  );
}

/** What the SDK's error means for a secret; undefined where it means nothing special. */
function explain(name: string, id: string, where: StoredPlace, error: unknown): Finding | undefined {
  if (!(error instanceof Error)) return undefined;
  const { region } = where;
  if (error.name === 'ResourceNotFoundException' && /staging label/i.test(error.message)) {
    const cause = `The secret ${name} in ${where.text}, has no value yet.`;
    return errorFinding('aws/no-secret-value', cause, `Store one: ${commandFor('put-secret-value', id, region)}`);
  }
  if (error.name === 'ResourceNotFoundException') {
    const cause = `There is no secret ${name} in ${where.text}.`;
    const fix = `Check its name, the region and the account (--region, --profile): aws secretsmanager list-secrets --region ${region}`;
    return errorFinding('aws/no-secret', cause, fix);
  }
  if (error.name === 'InvalidRequestException' && /delet/i.test(error.message)) {
    const cause = `The secret ${name} in ${where.text}, is scheduled for deletion.`;
    const fix = `Name another one, or bring it back: ${commandFor('restore-secret', id, region)}`;
    return errorFinding('aws/secret-deleted', cause, fix);
  }
  return undefined;
}

function commandFor(command: string, id: string, region: string): string {
  return `aws secretsmanager ${command} --region ${region} --secret-id ${shellQuoted(id)}`;
}

function binary(name: string): Finding {
  const fix = 'Store it as a text (SecretString): an input is a text.';
  return errorFinding('inputs/secret-binary', `The secret ${name} is binary (SecretBinary).`, fix);
}
