import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blind } from '../../../../src/deploy/external-secrets/blinds.ts';
import { storedLocationOf } from '../../../../src/inputs/stored.ts';
import type { Input } from '../../../../src/model/input.ts';
import { configOf } from '../../../support/config.ts';

const specs = Object.fromEntries(
  Object.entries(
    configOf({
      inputs: {
        password: { secret: true },
        host: {},
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of a composed input
        url: { secret: true, compose: ['x://${password|uri}:${password}@${host}'] },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the same
        plain: { secret: true, compose: ['${host}:80'] },
      },
    }).inputs,
  ).map(([name, entry]) => [name, { ...entry, secret: entry.secret === true }]),
);
const input = (
  name: string,
  value: string,
  secret: boolean,
  kind: Input['source']['kind'] = 'env',
): [string, Input] => [name, { name, value, secret, source: { kind, detail: name } }];
const inputs = new Map([
  input('password', 'hunter22', true),
  input('host', 'db', false),
  input('url', 'x://hunter22:hunter22@db', true, 'composed'),
  input('plain', 'db:80', true, 'composed'),
]);

test('a secret value is in no input any more, and a composed one is known by its parts', () => {
  const blinds = blind({ inputs, specs });
  const texts = [...blinds.inputs.values()].map(({ value }) => String(value));
  assert.ok(!texts.join().includes('hunter22'), texts.join());
  const shown = (name: string): unknown =>
    blinds
      .piecesOf(String(blinds.inputs.get(name)?.value))
      .map((piece) => ('text' in piece ? piece.text : `<${piece.input.name}${piece.uri ? ' uri' : ''}>`))
      .join('');
  assert.equal(shown('password'), '<password>');
  assert.equal(shown('url'), 'x://<password uri>:<password>@db');
  assert.equal(shown('plain'), 'db:80');
  assert.equal(blinds.redact('hunter22 db:80'), '**** db:80');
});

test('where AWS keeps an input: what gave it, or, given by hand, what its configuration names first', () => {
  const sources = configOf({
    inputs: {
      one: {
        sources: [
          { terraform: 'one' },
          { secretsManager: { terraform: 'no_such', key: 'a' } },
          { secretsManager: { id: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-Ab12Cd', key: ['a', 'b'] } },
          { ssm: '/one' },
        ],
      },
    },
  }).inputs['one']?.sources;
  assert.ok(sources);
  const terraform = { asked: true, findings: [], outputs: new Map(), describe: (name: string) => name };
  const where = (kind: Input['source']['kind'], detail: string) =>
    storedLocationOf({ name: 'one', value: 'x', secret: true, source: { kind, detail } }, sources, terraform);
  const id = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-Ab12Cd';
  assert.deepEqual(where('secretsmanager', 'db b'), { store: 'secretsManager', id, key: 'b' });
  assert.deepEqual(where('ssm', '/one'), { store: 'ssm', id: '/one' });
  assert.deepEqual(where('env', 'OMS_INPUT_ONE'), { store: 'secretsManager', id, key: 'a' });
  assert.equal(where('terraform', 'output one'), undefined);
});
