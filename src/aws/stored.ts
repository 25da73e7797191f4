import type { Finding } from '../model/finding.ts';
import { credentialsText } from './errors.ts';
import type { AwsSession } from './session.ts';

/** The text of a stored value, or why it can't be had. */
export type StoredReading =
  | {
      readonly ok: true;
      readonly text: string /** False for a parameter that isn't encrypted. */;
      readonly isSecret: boolean;
    }
  | { readonly ok: false; readonly finding: Finding };

/** Region, account and resource of an ARN; undefined for a name. */
export function arnParts(
  id: string,
): { readonly region: string; readonly account: string; readonly resource: string } | undefined {
  const [, region, account, resource] = /^arn:[^:]+:[^:]+:([^:]+):([^:]*):(.+)$/.exec(id) ?? [];
  if (region === undefined || account === undefined || resource === undefined) return undefined;
  return { region, account, resource };
}

/** Where something was looked for, to tell a wrong region from a wrong account. */
export interface StoredPlace {
  readonly region: string;
  /** `us-east-1, in the account 123456789012`. */
  readonly text: string;
}

export async function placeOf(session: AwsSession, id: string): Promise<StoredPlace> {
  const arn = arnParts(id);
  if (arn !== undefined) return { region: arn.region, text: `${arn.region}, in the account ${arn.account}` };
  const region = (await session.region()) ?? 'an unknown region';
  return { region, text: `${region}, in the account of ${credentialsText(session.settings)}` };
}
