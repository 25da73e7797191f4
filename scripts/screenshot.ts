import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { StyledRun } from '../test/support/emulator.ts';
import { openSession } from '../test/support/pty.ts';

/**
 * Records a session at a terminal and writes what it shows as an SVG:
 * `tsx scripts/screenshot.ts --out docs/deploy.svg --until '<regular expression>' -- up --yes …`.
 * The picture is taken once the screen shows the text; the session goes on to its end.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'docs/deploy.svg' },
    until: { type: 'string', default: 'Done in' },
    columns: { type: 'string', default: '100' },
    rows: { type: 'string', default: '30' },
    /** Text that is shown in place of another one, such as an address: `https://127.0.0.1:\d+=https://api.example`. */
    mask: { type: 'string', multiple: true, default: [] },
  },
});

const cell = { width: 8.4, height: 18 };
const pad = 16;
const colors = {
  text: '#d8dee9',
  background: '#1c2128',
  green: '#8ccf7e',
  yellow: '#e5c76b',
  red: '#e57474',
  cyan: '#6cbfbf',
};
const named = [
  colors.background,
  colors.red,
  colors.green,
  colors.yellow,
  colors.cyan,
  colors.cyan,
  colors.cyan,
  colors.text,
];

const size = { columns: Number(values.columns), rows: Number(values.rows) };
const env = Object.fromEntries(
  ['OMS_DEPLOY_STATE', 'KUBECONFIG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  }),
);
const session = openSession(positionals, process.cwd(), { size, env: { ...env, NO_COLOR: '' } });
const wanted = new RegExp(values.until, 's');
await session.until(({ screen }) => wanted.test(screen.join('\n')));
const svg = draw(await session.rows());
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, svg);
const { code } = await session.ended;
process.stdout.write(`${values.out}: ${svg.length} bytes; the session ended with ${code}\n`);

function draw(rows: readonly (readonly StyledRun[])[]): string {
  const width = Math.ceil(size.columns * cell.width + 2 * pad);
  const height = rows.length * cell.height + 2 * pad;
  const lines = rows.map((runs, index) => {
    const spans = runs.map(({ text, color, isBold, isFaint }) => {
      const fill = color === undefined ? '' : ` fill="${named[color % 8] ?? colors.text}"`;
      const weight = isBold ? ' font-weight="bold"' : '';
      return `<tspan${fill}${weight}${isFaint ? ' opacity=".6"' : ''}>${escaped(masked(text))}</tspan>`;
    });
    return `<text x="${pad}" y="${pad + (index + 0.75) * cell.height}">${spans.join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="oms-deploy up at a terminal">
<rect width="100%" height="100%" rx="8" fill="${colors.background}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="${colors.text}" xml:space="preserve">
${lines.join('\n')}
</g>
</svg>
`;
}

function masked(text: string): string {
  return values.mask.reduce((now, pair) => {
    const at = pair.lastIndexOf('=');
    return now.replace(new RegExp(pair.slice(0, at), 'g'), pair.slice(at + 1));
  }, text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
