// The floor: the same writes and nothing else. No plan, no lock, no record, no checks, no errors told: one HTTP/2
// connection, 32 requests in flight, then a watch until all Deployments are available. What a tool needs above this is
// the price of what it does.
//   node floor.mjs <app.json> [--dry-run]
// app.json: { server, token, ca, waves: [[{ path, body }]], deployments: "/apis/apps/v1/namespaces/shop/deployments" }
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';

const [file, flag] = process.argv.slice(2);
const { server, token, ca, waves, deployments } = JSON.parse(readFileSync(file, 'utf8'));
const inFlight = 32;
const dryRun = flag === '--dry-run' ? '&dryRun=All' : '';

const session = connect(server, { ca });
session.on('error', (error) => {
  throw error;
});
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' };

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
    for (const { path, body } of queue) {
      const query = `fieldManager=floor&fieldValidation=Strict${dryRun}`;
      await request('PATCH', `${path}?${query}`, JSON.stringify(body));
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

for (const wave of waves) await applyAll(wave);
if (deployments !== undefined && dryRun === '') await untilAvailable();
session.destroy();
