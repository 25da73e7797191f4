import type { AwsSession } from './session.ts';

/** The account's alias, where it has one and iam:ListAccountAliases is allowed: it is only shown. */
export async function accountAlias(session: AwsSession, signal: AbortSignal): Promise<string | undefined> {
  const reading = await session.call(
    {
      service: 'IAM',
      action: 'iam:ListAccountAliases',
      async run(options, abortSignal) {
        const { IAMClient, ListAccountAliasesCommand } = await import('./sdk/iam.ts');
        return new IAMClient(options).send(new ListAccountAliasesCommand({}), { abortSignal });
      },
    },
    signal,
  );
  return reading.ok ? reading.value.AccountAliases?.[0] : undefined;
}
