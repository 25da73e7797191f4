import assert from 'node:assert/strict';

/** An action of one of moto's JSON services. Moto knows service and region by the scope of the signature alone. */
export async function callMoto(
  url: string,
  service: 'secretsmanager' | 'ssm',
  action: string,
  body: object,
  region = 'us-east-1',
): Promise<Readonly<Record<string, string>>> {
  const { status, text } = await post(url, service, action, body, region);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

/** Stores a secret, in place of the one that has the name, and gives its ARN. */
export async function putSecret(url: string, name: string, text: string): Promise<string> {
  const made = { Name: name, SecretString: text };
  const { status } = await post(url, 'secretsmanager', 'CreateSecret', made, 'us-east-1');
  const changed = { SecretId: name, SecretString: text };
  if (status !== 200) await callMoto(url, 'secretsmanager', 'PutSecretValue', changed);
  const { ARN = '' } = await callMoto(url, 'secretsmanager', 'DescribeSecret', { SecretId: name });
  return ARN;
}

async function post(
  url: string,
  service: 'secretsmanager' | 'ssm',
  action: string,
  body: object,
  region: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const target = { secretsmanager: 'secretsmanager', ssm: 'AmazonSSM' }[service];
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${target}.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}
