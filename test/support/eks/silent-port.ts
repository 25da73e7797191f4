import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { motoPython } from '../moto/moto.ts';

/** Listens, takes no connection, and lets its queue run full: then the kernel drops what else comes, as a firewall does. */
const script = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
taken = []
for _ in range(3):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(server.getsockname())
    taken.append(one)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;

/** A port of 127.0.0.1 to which every connection times out, until the test ends. */
export async function silentPort(t: TestContext): Promise<number> {
  const child = spawn(await motoPython(), ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => void child.stdin.end());
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return Number(line);
}
