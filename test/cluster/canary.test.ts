import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, findingIds, runCli } from '../support/cli.ts';
import { putSecret } from '../support/moto/api.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { readable, recordsOf } from '../support/releases.ts';

const whyNot = await whyNoMoto();
let moto: Moto | undefined;
before(async () => {
  if (whyNot === undefined) moto = await startMoto();
});
after(() => moto?.stop());

/** The part of every canary that no encoding but base64 changes: where it is found, a secret was. */
const core = 'cAnAry7Qz';

/** Hostile to URIs, YAML, JSON, Go's quotes, shells, terminals and line breaking; another one for each run. */
function canary(run: string): string {
  return `p@ss:/%2F'"\\ ${core} ${run} <&>#{}$$ ${core}-${run}`;
}

/** What the core looks like in base64, wherever in the text it begins. */
const encodedCores = [0, 1, 2].map((offset) => {
  const whole = Buffer.from(`${'-'.repeat(offset)}${core}`).toString('base64');
  // Characters that neighbours have a part in are left out.
  return whole.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + core.length) * 4) / 3));
});

function assertAbsent(text: string, where: string): void {
  for (const form of [core, ...encodedCores]) {
    const at = text.indexOf(form);
    assert.equal(at, -1, `${where} has the canary: ...${text.slice(Math.max(at - 200, 0), at + 100)}...`);
  }
}

/** The command lines of all processes of this machine. */
function processList(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1');
      } catch {
        return ''; // It has ended meanwhile.
      }
    })
    .join('\n');
}

const config = `application: web
namespace: web
manifests: [k8s]
inputs:
  username: {sources: [{secretsManager: {terraform: documentdb_secret_arn, key: username}}]}
  password: {sources: [{secretsManager: {terraform: documentdb_secret_arn, key: password}}]}
  uri: {compose: ["mongodb://\${username|uri}:\${password|uri}@db.example:27017/x"]}
`;

/** A Secret as it should be (that alone says that the license is secret), and secrets where they shouldn't be but may: a ConfigMap, an annotation, a variable. */
const accepted = `apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {password: "\${password}", uri: "\${uri}", license: "\${license}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {note: "\${username} \${password}"}}
data: {uri: "\${uri}", settings.json: '{"password": "\${password}"}'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
        - name: app
          image: example.com/app:1
          args: ["--password=\${password}"]
          readinessProbe: {httpGet: {path: /ready, port: 80}}
          env:
            - {name: DB, value: "\${password}"}
            - {name: URI, valueFrom: {secretKeyRef: {name: credentials, key: uri}}}
`;

/** Where the server refuses a value, and repeats it. */
const refused = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: "${password}"}}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${password}"}\n',
  'apiVersion: v1\nkind: "${password}"\nmetadata: {name: b}\n',
  'apiVersion: "${password}"\nkind: Thing\nmetadata: {name: c}\n',
  'apiVersion: v1\nkind: Service\nmetadata: {name: d}\nspec: {ports: [{port: "${password}"}]}\n',
  'apiVersion: v1\nkind: Service\nmetadata: {name: e}\nspec: {type: "${password}", ports: [{name: "${password}", port: 1}]}\n',
  'apiVersion: v1\nkind: Secret\nmetadata: {name: f}\ntype: "${password}"\ndata: {x: "${password}"}\n',
  'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: g}\nspec: {hard: {pods: "${password}"}}\n',
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: h}
spec:
  selector: {matchLabels: {app: "\${password}"}}
  template:
    metadata: {labels: {app: x}}
    spec:
      serviceAccountName: "\${password}"
      containers:
        - {name: "\${password}", image: "\${password}", env: [{name: "\${password}"}], workingDir: "\${uri}"}
`,
].join('---\n');

interface Watched {
  readonly app: TestApp;
  /** Runs a command, and looks for the canary in all that it prints, does and leaves. */
  readonly run: (command: string, args: readonly string[]) => Promise<CliResult>;
}

type Origin = 'secretsManager' | 'env';

/** An application whose credentials come from one place; `rotate` puts other ones there. */
async function watch(t: TestContext, origin: Origin, manifests: string): Promise<Watched> {
  assert.ok(origin === 'env' || moto !== undefined);
  const arn = moto === undefined ? '' : await putSecret(moto.url, `web-${t.name}`, '{}');
  const outputs = JSON.stringify({ documentdb_secret_arn: { value: arn, type: 'string', sensitive: true } });
  const files = { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests, 'outputs.json': outputs };
  const app = await makeApp(t, { files });
  const own = { HOME: join(app.folder, 'home'), TMPDIR: join(app.folder, 'tmp') };
  for (const folder of Object.values(own)) mkdirSync(folder);
  let runs = 0;
  return {
    app,
    async run(command, args) {
      runs += 1;
      const values = { username: `user ${canary(`${runs}`)}`, password: canary(`${runs}`) };
      if (origin === 'secretsManager' && moto !== undefined) {
        await putSecret(moto.url, `web-${t.name}`, JSON.stringify(values));
      }
      const given: Readonly<Record<string, string>> =
        origin === 'env'
          ? { OMS_INPUT_USERNAME: values.username, OMS_INPUT_PASSWORD: values.password }
          : (moto?.env ?? {});
      const license = { OMS_INPUT_LICENSE: canary(`license ${runs}`) };
      const lists: string[] = [];
      const cluster = command === 'render' || command === 'config' ? [] : ['--kubeconfig', app.sandbox.kubeconfig];
      const flags = [...cluster, '--namespace', app.namespace, '--outputs-file', 'outputs.json', ...args];
      const done = await runCli([command, ...flags], {
        cwd: app.folder,
        env: { ...own, ...given, ...license },
        onOutput: () => void lists.push(processList()),
      });
      assertAbsent(done.stdout, 'stdout');
      assertAbsent(done.stderr, 'stderr');
      assert.ok(lists.length > 0);
      for (const list of lists) assertAbsent(list, 'the process list');
      for (const entry of readdirSync(app.folder, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        assertAbsent(file, 'the name of a file');
        if (entry.isFile()) assertAbsent(readFileSync(file, 'latin1'), file);
      }
      return done;
    },
  };
}

const origins = ['secretsManager', 'env'] as const;

for (const origin of origins) {
  const skip = origin === 'secretsManager' ? (whyNot ?? false) : false;

  test(`a secret from ${origin} is nowhere but in the cluster's Secrets`, { skip }, async (t) => {
    const { app, run } = await watch(t, origin, accepted);
    for (const output of ['human', 'plain', 'json']) {
      // Another secret each time: there is a difference to show.
      const up = await run('up', ['--output', output, '--verbose', '--yes', '--report', `up-${output}.html`]);
      assert.equal(up.code, 0, up.stdout + up.stderr);
      const planned = await run('plan', ['--output', output, '--verbose', '--out', `plan-${output}.json`]);
      assert.equal(planned.code, 0, planned.stderr);
      const rendered = await run('render', ['--output', output]);
      assert.equal(rendered.code, 0, rendered.stderr);
      // What the cluster has is the secret of another run.
      for (const name of ['secret/credentials', 'configmap/settings', 'deployment/app', 'password', 'license']) {
        const explained = await run('explain', [name, '--output', output, '--verbose']);
        assert.equal(explained.code, 0, explained.stderr);
        assert.match(explained.stdout, /\*\*\*\*/);
      }
      const settings = await run('config', ['show', '--sources', '--output', output]);
      assert.equal(settings.code, 0, settings.stderr);
      const args = ['history', 'show', '1', '-n', app.namespace, '--kubeconfig', app.sandbox.kubeconfig];
      const shown = await runCli([...args, '--output', output, '--report', 'history.html'], { cwd: app.folder });
      assert.equal(shown.code, 0, shown.stderr);
      assertAbsent(shown.stdout + shown.stderr, 'history');
      assertAbsent(readFileSync(join(app.folder, 'history.html'), 'utf8'), 'its report');
    }
    const records = await recordsOf(app.sandbox, app.namespace);
    assert.ok(records.length >= 4, 'three releases and their key');
    for (const record of records) assertAbsent(readable(record), `record ${String(record.metadata.name)}`);
    const secret = JSON.stringify(await app.get('secrets', 'credentials'));
    assert.ok(
      encodedCores.some((form) => secret.includes(form)),
      'the way we search finds what is there',
    );
  });

  test(`a secret from ${origin} that the API server repeats in its errors is not shown`, { skip }, async (t) => {
    const { app, run } = await watch(t, origin, refused);
    for (const output of ['human', 'plain', 'json']) {
      const up = await run('up', ['--output', output, '--verbose', '--yes', '--report', `up-${output}.html`]);
      assert.equal(up.code, 3, up.stdout + up.stderr);
      assert.match(up.stdout + up.stderr, /\*\*\*\*/);
      if (output === 'json') assert.ok(findingIds(up).length >= 10, findingIds(up).join());
    }
    assert.deepEqual(await recordsOf(app.sandbox, app.namespace), []);
  });
}
