import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFolder } from '../../support/cli.ts';
import { keys, noTerminal, openSession } from '../../support/pty.ts';
import { configMap } from '../init/helpers.ts';

const manifests = configMap({ redis: '${REDIS_HOST}' }).replace(
  '{name: settings}',
  '{name: settings, namespace: shop}',
);

test('what a question names shows what is hidden in it: it moves no cursor and sets no title', {
  skip: noTerminal,
}, async (t) => {
  const outputs = ['redis_endpoint', 'vpc_id'].map((name) => `output "${name}" { value = 1 }\n`).join('');
  const evil = 'tf-\u001b[2J\u001b]0;pwned\u0007one';
  const folder = await makeFolder(t, {
    'k8s/a.yaml': manifests,
    [`${evil}/main.tf`]: outputs,
    'tf-two/main.tf': outputs,
  });
  const session = openSession(['init'], folder);
  await session.see('tf-␛[2J␛]0;pwned␇one');
  await session.see('tf-two');
  session.type(keys.ctrlC);
  const { code } = await session.ended;
  assert.equal(code, 130);
});

test('--no-color holds for questions, too', { skip: noTerminal }, async (t) => {
  const folder = await makeFolder(t, { 'k8s/a.yaml': configMap({ color: '<SHOP_COLOR>' }) });
  const coloured = async (...more: readonly string[]): Promise<boolean> => {
    const session = openSession(['init', '-n', 'shop', ...more], folder, { env: { NO_COLOR: '' } });
    await session.see('Where does shop_color come from?');
    const rows = await session.rows();
    session.type(keys.ctrlC);
    await session.ended;
    return rows.flat().some(({ color, isBold, isFaint }) => color !== undefined || isBold || isFaint);
  };
  assert.equal(await coloured('--no-color'), false);
  assert.equal(await coloured(), true);
});
