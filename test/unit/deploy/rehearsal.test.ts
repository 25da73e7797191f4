import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Applied, Cluster } from '../../../src/cluster/cluster.ts';
import { applyAsNew, rehearse } from '../../../src/deploy/rehearsal.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';

const signal = new AbortController().signal;

function manifestOf(name: string): Manifest {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } };
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name };
  return { ref, body, origin: { file: 'a.yaml', line: 1 }, lineOf: () => undefined };
}

/** A cluster that quotes the name that it was given, as it is and with what JSON makes of it. */
function quoting(answer: (quoted: string, escaped: string) => Applied): Cluster {
  const apply = ({ metadata: { name = '' } }: KubernetesObject): Promise<Applied> =>
    Promise.resolve(answer(name, JSON.stringify(name)));
  return { apply } as unknown as Cluster;
}

function refusal(message: string): Applied {
  return {
    ok: false,
    failure: { status: 422, reason: 'Invalid', message, causes: [{ reason: '', field: 'metadata.name', message }] },
  };
}

const long = 'a-name-that-is-longer-than-forty-characters-as-some-are';

test('a rehearsal in another namespace quotes the name that somebody wrote', async () => {
  for (const name of ['a::b', 'a"b', long]) {
    const refusing = quoting((quoted, escaped) => refusal(`Invalid value: ${quoted}, ${escaped}`));
    const [refused] = await rehearse(manifestOf(name), refusing, signal);
    assert.ok(refused?.cause.includes(`Invalid value: ${name}, ${JSON.stringify(name)}`), refused?.cause);
    const warning = quoting((quoted) => ({
      ok: true,
      object: manifestOf(quoted).body,
      warnings: [`${quoted} is odd`],
    }));
    const [warned] = await rehearse(manifestOf(name), warning, signal);
    assert.ok(warned?.cause.endsWith(`the cluster warns: ${name} is odd`), warned?.cause);
  }
});

test('so does a dry run of an object as if it were new', async () => {
  const cluster = quoting((quoted) => refusal(`pods "${quoted}" is invalid`));
  const applied = await applyAsNew(manifestOf('a::b').body, cluster, signal);
  assert.ok(!applied.ok);
  assert.equal(applied.failure.message, 'pods "a::b" is invalid');
  assert.equal(applied.failure.causes[0]?.message, 'pods "a::b" is invalid');
});
