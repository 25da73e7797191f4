import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Moto, startMoto } from '../moto/moto.ts';
import { connectSandbox, sandboxCommand, type TestSandbox } from '../sandbox.ts';
import { type Authenticator, startAuthenticator } from './authenticator.ts';
import { type AwsFront, startAwsFront } from './aws-front.ts';

/** An EKS cluster on this machine: AWS is moto, the cluster is a sandbox that accepts tokens as EKS does. */
export interface EksStand {
  readonly name: string;
  readonly sandbox: TestSandbox;
  readonly front: AwsFront;
  readonly authenticator: Authenticator;
  readonly moto: Moto;
  /** An access key that nobody has used yet. */
  createKey(): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The variables of a shell that is logged in to AWS; no kubeconfig. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const account = '123456789012';
export const region = 'us-east-1';
/** Who moto says calls with keys that it doesn't know. */
export const motoArn = `arn:aws:sts::${account}:user/moto`;

/** Starts all of it; the VPC and the endpoint of the cluster are those that the Terraform fixture names. */
export async function startEks(name: string, outputs: { readonly vpcId: string }): Promise<EksStand> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-eks-'));
  const moto = await startMoto();
  const front = await startAwsFront(moto.url);
  const authenticator = await startAuthenticator({
    cluster: name,
    stsUrl: moto.url,
    secretKeys: {},
    groups: { [motoArn]: ['system:masters'] },
    lifetimeMs: 15 * 60_000,
  });
  const webhook = join(folder, 'webhook');
  await writeFile(webhook, stringify(webhookConfig(authenticator.url)));
  const state = join(folder, 'sandbox');
  const stop = async (): Promise<void> => {
    await sandboxCommand('stop', state);
    await Promise.all([front.close(), authenticator.close(), moto.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const sandbox = await connectSandbox(await sandboxCommand('start', state, ['--token-webhook', webhook]));
    const ca = Buffer.from(sandbox.ca, 'utf8').toString('base64');
    await createCluster(moto, name);
    Object.assign(front.cluster, {
      endpoint: sandbox.server,
      certificateAuthority: { data: ca },
      resourcesVpcConfig: { vpcId: outputs.vpcId, endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] },
    });
    const env = { ...moto.env, AWS_ENDPOINT_URL: front.url };
    const createKey = (): ReturnType<EksStand['createKey']> => {
      const key = {
        accessKeyId: `AKIA${randomBytes(8).toString('hex')}`,
        secretAccessKey: randomBytes(8).toString('hex'),
      };
      authenticator.settings.secretKeys[key.accessKeyId] = key.secretAccessKey;
      return key;
    };
    return { name, sandbox, front, authenticator, moto, createKey, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes an EKS cluster in moto. */
export async function createCluster(moto: Moto, name: string): Promise<void> {
  const scope = `20260101/${region}/eks/aws4_request`;
  const answer = await fetch(`${moto.url}/clusters`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({
      name,
      version: '1.36',
      roleArn: `arn:aws:iam::${account}:role/eks`,
      resourcesVpcConfig: { subnetIds: [] },
    }),
  });
  if (!answer.ok) throw new Error(`moto didn't create the cluster: ${await answer.text()}`);
}

function webhookConfig(server: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'webhook',
    clusters: [{ name: 'webhook', cluster: { server } }],
    users: [{ name: 'webhook', user: {} }],
    contexts: [{ name: 'webhook', context: { cluster: 'webhook', user: 'webhook' } }],
  };
}
