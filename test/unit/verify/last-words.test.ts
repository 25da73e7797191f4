import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf } from '../../../src/verify/last-words.ts';

const port = 'it may not listen on its port (below 1024, that is for root)';
const disk = 'it writes to a file system that is read-only';

const words: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['Go', ['fatal: listen tcp :80: bind: permission denied'], port],
  ['Node', ['Error: listen EACCES: permission denied 0.0.0.0:80', '    at Server.setupListenHandle'], port],
  ['nginx', ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)'], port],
  [
    '.NET',
    ['System.Net.Sockets.SocketException (13): Permission denied', '   at Kestrel.Bind (0.0.0.0:80)'],
    undefined,
  ],
  ['Kestrel', ['Failed to bind to address http://[::]:80: permission denied.'], port],
  ['a Unix socket', ['listen unix /run/web.sock: bind: permission denied'], undefined],
  ['a file that may not be read', ['open /etc/shadow: permission denied'], undefined],
  ['Go on a read-only root', ['open /cache.db: read-only file system'], disk],
  ['C on a read-only root', ["mkdir: can't create directory '/x': Read-only file system"], disk],
  ['Node on a read-only root', ["Error: EROFS: read-only file system, open '/cache.db'"], disk],
  ['.NET on a read-only root', ['System.IO.IOException: Read-only file system : /app/keys'], disk],
  ['the newest counts', ['bind: permission denied on listen', 'open /x: read-only file system'], disk],
  ['nothing known', ['Unhandled exception.'], undefined],
  ['no log', [], undefined],
];

for (const [name, lines, why] of words) {
  test(`the last words of a container: ${name}`, () => {
    assert.equal(meaningOf(lines)?.why, why);
  });
}
