import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { programPath } from './cli.ts';

/** Runs a program at a terminal of its own. The end of our standard input hangs up: the program gets SIGHUP. */
const script = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 120, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [0, terminal]
while terminal in watched:
    for ready in select.select(watched, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b''
        if ready == terminal and data:
            os.write(1, data)
        elif data:
            os.write(terminal, data)
        else:
            watched = []
os.close(terminal)
status = os.waitpid(pid, 0)[1]
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

/** Why there can be no terminal here, for `skip`; false where there can. */
export const noTerminal =
  spawnSync('python3', ['-c', 'import pty']).status === 0 ? false : 'python3 with its module pty is not there';

/** A session of the program at a terminal. */
export interface Session {
  /** Resolves once the text is on the screen, behind what was waited for before. */
  see(text: string): Promise<void>;
  type(keys: string): void;
  /** The terminal goes away. */
  hangUp(): void;
  /** All that was shown, without control sequences, and how it ended: 128 and the signal's number for a signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>;
}

export const keys = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003', ctrlD: '\u0004' } as const;

/** Starts the program on the bundle, as `runCli` does, but at a terminal. */
export function openSession(args: readonly string[], cwd: string): Session {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' };
  const child = spawn('python3', ['-c', script, process.execPath, programPath, ...args], { cwd, env, stdio: 'pipe' });
  let raw = '';
  let seen = 0;
  let hasEnded = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => waiting.splice(0).forEach((check) => check());
  const screen = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    wake();
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; screen: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      hasEnded = true;
      wake();
      resolve({ code, screen: screen() });
    });
  });
  return {
    see: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const at = screen().indexOf(text, seen);
          if (at >= 0) {
            seen = at + text.length;
            resolve();
          } else if (hasEnded) reject(new Error(`It ended without showing ${JSON.stringify(text)}:\n${screen()}`));
          else waiting.push(check);
        };
        check();
      }),
    type: (typed) => void child.stdin.write(typed),
    hangUp: () => void child.stdin.end(),
    ended,
  };
}
