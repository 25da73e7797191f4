import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedAddons } from '../../../src/config/addons/catalog.ts';
import { withAddons } from '../../../src/config/addons/with-addons.ts';
import type { Config } from '../../../src/config/schema.ts';
import { lintFiles } from '../../../src/lint/lint-files.ts';
import { makeFolder } from '../../support/cli.ts';
import { configOf } from '../../support/config.ts';
import { deployment } from './helpers.ts';

/** The ids of what lint says of an add-on's own manifests. */
async function idsOf(name: string, config: Config, cwd: string): Promise<readonly string[]> {
  const reading = { cwd, env: {}, readStdin: () => Promise.resolve('') };
  const request = { config, manifests: ['web.yaml'], addons: [name], reading };
  const { findings } = await lintFiles(request, new AbortController().signal);
  const own = findings.filter(({ origin }) => origin?.file.startsWith(`addon ${name}: `));
  return [...new Set(own.map(({ id }) => id))].toSorted();
}

for (const { name, ignore } of (await shippedAddons()).values()) {
  test(`lint finds nothing in ${name} but what it has by intent, and all of that`, async (t) => {
    const folder = await makeFolder(t, { 'web.yaml': deployment });
    const config = await withAddons(configOf(), [name]);
    assert.deepEqual(await idsOf(name, config, folder), []);
    const addon = config.addons[name] ?? assert.fail(`${name} is not on`);
    const strict = { ...config, addons: { ...config.addons, [name]: { ...addon, ignore: [] } } };
    assert.deepEqual(await idsOf(name, strict, folder), ignore.map(({ id }) => id).toSorted());
  });
}
