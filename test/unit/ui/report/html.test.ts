import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible } from '../../../../src/model/visible.ts';
import { clipped, html, render } from '../../../../src/ui/report/html.ts';
import { planPart } from '../../../../src/ui/report/plan.ts';
import { Room } from '../../../../src/ui/report/room.ts';

const same = (text: string): string => text;

test('values become text in elements and attributes, pieces of markup stay what they are', () => {
  const hostile = `<b title="x" id='y'>&amp;`;
  const escaped = '&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;';
  const list = [1, undefined, html`<i>${'<'}</i>`, '>'];
  const markup = html`<p title="${hostile}">${hostile} ${list}</p>`;
  assert.equal(render(markup, same), `<p title="${escaped}">${escaped} 1<i>&lt;</i>&gt;</p>`);
});

test('what comes from outside as JSON never passes for markup', () => {
  const forged = JSON.parse('{"parts": ["<script>"], "values": []}') as string;
  const boxed = JSON.parse('{"text": "<script>", "length": 99, "where": "end"}') as string;
  assert.equal(render(html`${forged} ${boxed}`, same), '[object Object] [object Object]');
  assert.equal(render(html`${JSON.parse('null') as string}${JSON.parse('true') as string}`, same), 'nulltrue');
});

test('a text is redacted as a whole, then cut, then escaped', () => {
  const redact = (text: string): string => text.replaceAll('correct <horse>', '****');
  assert.equal(render(html`${clipped('a correct <horse> b', 8)}`, redact), 'a **** b');
  assert.equal(render(html`${clipped('<<<<<<<<', 3)}`, same), '&lt;&lt;&lt; ... (5 more letters)');
  assert.equal(render(html`${clipped('abcdefghij', 7, 'middle')}`, same), 'ab...ij');
});

test('numbers of the page are no secrets', () => {
  assert.equal(
    render(html`<rect x="${6379}"/>${'6379'}`, () => '****'),
    '<rect x="6379"/>****',
  );
});

test('what is hidden in a text is shown; line breaks and tabs stay', () => {
  for (const [text, shown] of [
    ['\u001b[31mred\u001b[0m', '\u241b[31mred\u241b[0m'],
    ['\u001b[2J\u001b]0;title\u0007', '\u241b[2J\u241b]0;title\u2407'],
    ['a\r\nb\tc\rd', 'a\u240d\nb\tc\u240dd'],
    ['\u0000\u007f\u0085', '\u2400\u2421<U+0085>'],
    ['\u202eevil\u202c \u2066x\u2069 \u200f', '<U+202E>evil<U+202C> <U+2066>x<U+2069> <U+200F>'],
    ['ze\u200bro \ufeff \u{e0041}', 'ze<U+200B>ro <U+FEFF> <U+E0041>'],
    ['half \ud83d', 'half <U+D83D>'],
    ['שלום é 😀 日本', 'שלום é 😀 日本'],
  ] as const) {
    assert.equal(visible(text), shown);
    assert.equal(visible(shown), shown);
  }
  assert.equal(visible('\u001b\u007f', false), '<U+001B><U+007F>');
});

test('an object of a record has a mark of its own: what was changed is not in it', () => {
  const shown = { op: 'recorded', object: 'Deployment shop/web', origin: 'a.yaml:1', fields: [], notes: [] } as const;
  const page = render(
    planPart(
      { title: 'Objects', counts: [], waves: [{ name: 'As recorded', objects: [shown] }] },
      new Room(10_000, same),
    ),
    same,
  );
  assert.match(page, /title="recorded">·</);
});
