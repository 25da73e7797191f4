// The floor: the same writes and nothing else. No plan, no lock, no record, no checks, no errors told: one HTTP/2
// connection, 32 requests in flight, then a watch until all Deployments are available. What a tool needs above this is
// the price of what it does.
//   KUBECONFIG=file node floor.mjs <folder> <namespace> [--dry-run]
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [folder, namespace, flag] = process.argv.slice(2);
const inFlight = 32;
const dryRun = flag === '--dry-run' ? '&dryRun=All' : '';

const [config] = documentsIn(process.env.KUBECONFIG);
const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
const session = connect(server, { ca: Buffer.from(ca, 'base64') });
session.on('error', (error) => {
  throw error;
});
const headers = {
  authorization: `Bearer ${config.users[0].user.token}`,
  'content-type': 'application/apply-patch+yaml',
};

function documentsIn(file) {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
}

function pathOf({ apiVersion, kind, metadata: { name } }) {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  return `${root}/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
}

function waveOf({ kind }) {
  return { Deployment: 1, HorizontalPodAutoscaler: 2 }[kind] ?? 0;
}

async function request(method, path, body) {
  const stream = session.request({ ':method': method, ':path': path, ...headers });
  stream.end(body);
  let status = 0;
  stream.on('response', (answer) => {
    status = answer[':status'];
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (status > 201) throw new Error(`${method} ${path}: ${answer.message}`);
  return answer;
}

async function applyAll(objects) {
  const queue = objects[Symbol.iterator]();
  const work = async () => {
    for (const object of queue) {
      const query = `fieldManager=floor&fieldValidation=Strict${dryRun}`;
      await request('PATCH', `${pathOf(object)}?${query}`, JSON.stringify(object));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

function isAvailable({ metadata, spec, status }) {
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
  const isSeen = observedGeneration >= metadata.generation;
  return isSeen && [updatedReplicas, replicas, availableReplicas].every((count) => count === spec.replicas);
}

async function untilAvailable() {
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { items, metadata } = await request('GET', deployments);
  const waiting = new Set(items.filter((item) => !isAvailable(item)).map((item) => item.metadata.name));
  if (waiting.size === 0) return;
  const path = `${deployments}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const stream = session.request({ ':method': 'GET', ':path': path, ...headers });
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const { object } = JSON.parse(line);
      if (isAvailable(object)) waiting.delete(object.metadata.name);
    }
    if (waiting.size === 0) return;
  }
}

const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.yaml'));
const objects = files.flatMap((name) => documentsIn(join(folder, name)));
for (const wave of [0, 1, 2]) await applyAll(objects.filter((object) => waveOf(object) === wave));
if (objects.some(({ kind }) => kind === 'Deployment') && dryRun === '') await untilAvailable();
session.destroy();
