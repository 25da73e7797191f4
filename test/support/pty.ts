import { spawn, spawnSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { programPath } from './cli.ts';
import { createEmulator, type Emulator, type Picture, type Size } from './emulator.ts';

/**
 * Runs a program at a terminal of its own. The end of our standard input hangs up: the program gets SIGHUP. Each line of
 * file descriptor 3, such as `24 80`, is its size from then on in rows and columns; the first one is given beforehand.
 */
const script = `
import fcntl, os, pty, select, struct, sys, termios
def resize(terminal, size):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', int(size[-2]), int(size[-1]), 0, 0))
pid, terminal = pty.fork()
if pid == 0:
    resize(0, sys.argv[1:3])
    os.close(3)
    os.execvp(sys.argv[3], sys.argv[3:])
watched = [0, 3, terminal]
while terminal in watched:
    for ready in select.select(watched, [], [])[0]:
        if ready == 3:
            resize(terminal, os.read(3, 1024).split())
            continue
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

export interface SessionOptions {
  readonly size?: Size;
  /** Beside those of every session. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A session of the program at a terminal. */
export interface Session {
  /** Resolves once the text is on the screen, behind what was waited for before. */
  see(text: string): Promise<void>;
  type(keys: string): void;
  /** The window gets another size. */
  resize(size: Size): void;
  /** The screen with its colours. */
  rows(): ReturnType<Emulator['rows']>;
  /** Resolves with what the terminal shows once it shows this. */
  until(isThere: (picture: Picture) => boolean): Promise<Picture>;
  /** What the terminal shows now. */
  picture(): Promise<Picture>;
  /** The terminal goes away. */
  hangUp(): void;
  /** All that was shown, without control sequences, and how it ended: 128 and the signal's number for a signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>;
}

export const keys = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003', ctrlD: '\u0004' } as const;

/** Starts the program on the bundle, as `runCli` does, but at a terminal. */
export function openSession(args: readonly string[], cwd: string, options: SessionOptions = {}): Session {
  return openTerminal([process.execPath, programPath, ...args], cwd, options);
}

/** Starts any program at a terminal. */
export function openTerminal(command: readonly string[], cwd: string, options: SessionOptions = {}): Session {
  const { size = { columns: 120, rows: 50 } } = options;
  const usual = { HOME: '/nonexistent', TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' };
  const env = { PATH: process.env['PATH'] ?? '', ...usual, ...options.env };
  const args = ['-c', script, `${size.rows}`, `${size.columns}`, ...command];
  const child = spawn('python3', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const sizes = child.stdio[3];
  if (!(sizes instanceof Writable)) throw new Error('there is no way to tell the size');
  sizes.on('error', () => undefined);
  const emulator = createEmulator(size);
  let raw = '';
  let seen = 0;
  let hasEnded = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => waiting.splice(0).forEach((check) => check());
  const screen = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    emulator.write(text);
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
    resize(next) {
      emulator.resize(next);
      sizes.write(`${next.rows} ${next.columns}\n`);
    },
    picture: emulator.picture,
    rows: emulator.rows,
    async until(isThere) {
      for (;;) {
        const news = new Promise<void>((resolve) => waiting.push(resolve));
        const picture = await emulator.picture();
        if (isThere(picture)) return picture;
        if (hasEnded) throw new Error(`It ended without showing it:\n${picture.text}`);
        await news;
      }
    },
    type: (typed) => void child.stdin.write(typed),
    hangUp: () => void child.stdin.end(),
    ended,
  };
}
