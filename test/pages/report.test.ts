import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import type { Report } from '../../src/ui/report/model.ts';
import { reportHtml } from '../../src/ui/report/page.ts';
import { artifact, noChromium, startChromium, type Watched, watchedPage } from '../support/chromium.ts';
import { makeFolder } from '../support/cli.ts';
import { at, finding, largeReport, sampleReport } from '../support/reports.ts';

const skip = noChromium;
let browser: Browser;
before(async () => {
  if (skip === false) browser = await startChromium();
});
after(async () => {
  if (skip === false) await browser.close();
});

/** Opens a report as somebody does who got its file. */
async function open(t: TestContext, report: Report, redact = (text: string): string => text): Promise<Watched> {
  const file = join(await makeFolder(t, {}), 'report.html');
  await writeFile(file, reportHtml(report, redact));
  const url = pathToFileURL(file).href;
  const watched = await watchedPage(browser, url);
  t.after(() => watched.page.context().close());
  await watched.page.goto(url);
  return watched;
}

const backgroundOfBody = 'getComputedStyle(document.body).backgroundColor';

/** What axe (WCAG 2, A and AA) has against a page. */
async function complaints({ page }: Watched): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`))',
  );
}

test('a report has all its sections, under headings of their own, with their contents', { skip }, async (t) => {
  const { page, incidents } = await open(t, sampleReport);
  assert.equal(await page.title(), 'shop: up, failed');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  const titles = ['Findings', 'Checks', 'Run', 'Target', 'Inputs (2)', 'Plan (release 7)', 'Timeline (release 7)'];
  assert.deepEqual(await page.locator('h2').allInnerTexts(), [...titles, 'Endpoints', 'Images']);
  for (const [section, texts] of [
    ['Findings', [finding.cause, 'k8s/worker.yaml:3', '| the last line of its log', finding.hits?.[0], finding.fix]],
    ['Checks', ['pods/ready', 'pods 9/9 ready', 'failed']],
    ['Target', ['prod', 'shop (exists)']],
    ['Inputs (2)', ['cache.example', 'terraform output endpoint', '****']],
    ['Plan (release 7)', ['1 to create, 2 to change', 'Deployment shop/worker']],
    ['Endpoints', ['http://web.shop.svc']],
    ['Images', ['sha256:0f3a']],
  ] as const) {
    const shown = await page.getByRole('region', { name: section, exact: true }).innerText();
    for (const text of texts) assert.ok(shown.includes(text ?? ''), `${section} has ${text}: ${shown}`);
  }
  const outcome = await page.getByRole('group', { name: 'Outcome' }).innerText();
  assert.match(outcome, /failed.*rollout failed after 10 s[\s\S]*recorded as failed[\s\S]*run up again/i);
  // What is folded: fields and notes.
  const field = page.getByText('data.level: Information -> Debug');
  assert.equal(await field.isVisible(), false);
  await page.getByText('ConfigMap shop/settings').first().click();
  assert.equal(await field.isVisible(), true);
  assert.deepEqual(incidents, []);
});

test('what there is nothing of has no section', { skip }, async (t) => {
  const bare = { inputs: [], rounds: [], findings: [], checks: [], endpoints: [], images: [] };
  const { page } = await open(t, { ...sampleReport, ...bare });
  assert.deepEqual(await page.locator('h2').allInnerTexts(), ['Run', 'Target']);
});

test('the picture has a bar per wave, workload and step of a pod, in the order of waves, at the right times', {
  skip,
}, async (t) => {
  const { page } = await open(t, sampleReport);
  const rows = await page.locator('svg g').evaluateAll((groups) =>
    groups.map((group) => ({
      name: group.querySelector('text')?.textContent,
      bars: [...group.querySelectorAll('rect')].map((bar) => {
        const x = Number(bar.getAttribute('x'));
        return [bar.getAttribute('class'), x, x + Number(bar.getAttribute('width'))] as const;
      }),
    })),
  );
  assert.deepEqual(
    rows.map(({ name, bars }) => [name, bars.map(([kind]) => kind).join(' ')]),
    [
      ['wave config', 'wave'],
      ['wave workloads', 'wave'],
      ['Deployment shop/web', 'rollout'],
      ['web-1', 'pending starting unready ready'],
      ['web-2', 'pending starting unready ready'],
      ['Deployment shop/worker', 'failed'],
      ['worker-1', 'pending starting unready'],
    ],
  );
  const [first, second] = rows;
  assert.ok(
    (first?.bars[0]?.[2] ?? 0) <= (second?.bars[0]?.[1] ?? 0) + 1,
    'a wave begins when the one before has ended',
  );
  const pod = rows[3]?.bars ?? [];
  for (const [index, [, x]] of pod.entries()) if (index > 0) assert.ok(Math.abs(x - (pod[index - 1]?.[2] ?? 0)) <= 1);
  // 12 s are the whole width: the pod was ready at 8 of them.
  const [left, right] = [rows[0]?.bars[0]?.[1] ?? 0, rows[6]?.bars[2]?.[2] ?? 0];
  assert.ok(Math.abs((pod[3]?.[1] ?? 0) - (left + ((right - left) * 8) / 12)) < 1.5);
  // The same, as tables.
  await page.getByText('The same as tables').click();
  const cells = await page
    .locator('table:has(caption:text-is("Pods")) tbody tr')
    .first()
    .locator('th, td')
    .allInnerTexts();
  assert.deepEqual(cells, ['web', 'web-1', 'node-a', '+2.0s', '+3.0s', '+6.0s', '+8.0s', '0']);
  const waves = await page.locator('table:has(caption:text-is("Waves")) tbody th').allInnerTexts();
  assert.deepEqual(waves, ['config', 'workloads']);
});

test('what was before the beginning stays within the picture, and is told with its date', { skip }, async (t) => {
  const [round] = sampleReport.rounds;
  const [first] = round?.timeline?.pods ?? [];
  assert.ok(round?.timeline !== undefined && first !== undefined);
  const before = { created: at(-90_000), scheduled: at(-90_000), started: at(-80_000), ready: at(-70_000) };
  const timeline = { ...round.timeline, pods: [{ ...first, ...before }] };
  const { page } = await open(t, { ...sampleReport, rounds: [{ ...round, timeline }] });
  const bars = await page.locator('svg g.pod rect').evaluateAll((all) => all.map((bar) => bar.getAttribute('class')));
  assert.deepEqual(bars, ['ready']);
  await page.getByText('The same as tables').click();
  assert.equal(await page.getByRole('cell', { name: at(-70_000) }).count(), 1);
});

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</style><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
  '&lt;b&gt;',
  '\u001b[2J\u001b]0;owned\u0007',
  'safe\u202egnp.exe\u2066',
  '\u200bhidden\ufeff',
  '::error::injected',
  '<meta http-equiv="refresh" content="0;url=https://example.com">',
];
const attack = attacks.join(' ');

/** The sample with this at the end of every text that isn't a word of ours. */
function withEverywhere(end: string): Report {
  const replacer = (key: string, value: unknown): unknown => {
    const isOurs = ['state', 'severity', 'op', 'status', 'scope', 'title', 'line'].includes(key);
    const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
    return typeof value === 'string' && !isOurs && !isTime ? `${value} ${end}` : value;
  };
  return JSON.parse(JSON.stringify(sampleReport, replacer)) as Report;
}

test('a hostile name, log line or value stays text: nothing of it runs, is loaded, or hides', { skip }, async (t) => {
  const { page, requests, incidents } = await open(t, withEverywhere(attack));
  await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
  // Every request is known: there is none but that of the file itself.
  assert.deepEqual(requests, [page.url()]);
  assert.deepEqual(incidents, []);
  assert.equal(
    await page.locator('script, img, iframe, object, embed, link, form, base, [onload], [onerror]').count(),
    0,
  );
  const addresses = await page
    .locator('[href], [src]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  assert.ok(addresses.length > 5 && addresses.every((address) => address?.startsWith('#')), addresses.join());
  const markup = await page.content();
  assert.equal(markup.match(/<style/g)?.length, 1);
  for (const [where, text] of [
    ['a name', await page.locator('.plan .name').first().innerText()],
    ['a log line', await page.locator('.card .line').nth(1).innerText()],
    ['an input', await page.locator('#inputs ~ * td').first().innerText()],
    ['the title', await page.title()],
    ['the picture', (await page.locator('svg g.pod title').first().textContent()) ?? ''],
  ] as const) {
    for (const plain of attacks.slice(0, 7)) assert.ok(text.includes(plain), `${where} has ${plain}: ${text}`);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/, where);
    assert.match(
      text,
      /\u241b\[2J\u241b\]0;owned\u2407 safe<U\+202E>gnp\.exe<U\+2066> <U\+200B>hidden<U\+FEFF>/,
      where,
    );
  }
});

test('the policy of the page keeps markup that slipped in from running or loading anything', { skip }, async (t) => {
  const { page, requests, sent, incidents } = await open(t, sampleReport);
  await page.evaluate(`
    const slip = document.createElement('div');
    slip.innerHTML = '<img src="https://example.com/x.png" onerror="alert(1)"><iframe src="https://example.com/"></iframe><link rel="stylesheet" href="https://example.com/x.css"><p id="inline" style="color: rgb(1, 2, 3)">x</p>';
    document.body.append(slip);
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    document.body.append(script);
  `);
  const color = await page.evaluate<string>('getComputedStyle(document.querySelector("#inline")).color');
  assert.notEqual(color, 'rgb(1, 2, 3)', 'not even a style');
  assert.equal(await page.title(), 'shop: up, failed');
  assert.ok(requests.length > 1, 'the browser wanted to load something');
  assert.deepEqual(sent, [page.url()]);
  assert.ok(incidents.filter((text) => /Content Security Policy/.test(text)).length >= 4, incidents.join('\n'));
});

test('secrets are taken out of every text, before it is cut', { skip }, async (t) => {
  const secret = 'hunter22 & "friends"';
  const { page } = await open(t, withEverywhere(secret), (text) => text.replaceAll(secret, '****'));
  assert.doesNotMatch(await page.content(), /hunter22|friends/);
  assert.match(await page.locator('svg g.pod text').first().innerHTML(), /^web-1 \*{4}$/);
});

test('by keyboard everything that is folded opens and what is wide scrolls; each has a name', { skip }, async (t) => {
  const { page } = await open(t, sampleReport);
  const folded = await page.locator('details').count();
  assert.ok(folded >= 4);
  const opened = new Set<string>();
  const regions = new Set<string>();
  const focused =
    'document.activeElement === document.body ? null : [document.activeElement.tagName, document.activeElement.getAttribute("role"), document.activeElement.textContent]';
  for (let count = 0; count < 200; count += 1) {
    await page.keyboard.press('Tab');
    const [tag, role, text] = (await page.evaluate<[string, string | null, string] | null>(focused)) ?? [];
    if (tag === undefined) break;
    if (tag === 'SUMMARY') {
      await page.keyboard.press(count % 2 === 0 ? 'Enter' : 'Space');
      opened.add(text ?? '');
    }
    if (role === 'region') regions.add(text ?? '');
  }
  assert.equal(await page.locator('details[open]').count(), folded);
  assert.equal(opened.size, folded);
  assert.ok(regions.size >= 5, 'tables and the picture');
  const tree = await page.locator('body').ariaSnapshot();
  for (const name of [
    /heading "shop up" \[level=1\]/,
    /navigation "Contents"/,
    /group "Outcome"/,
    /img "Timeline of waves and pods"/,
    /list "Legend"/,
    /table "Inputs and their sources"/,
    /table "Pods"/,
  ]) {
    assert.match(tree, name);
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has nothing against it, contrast included: ${colorScheme}`, { skip }, async (t) => {
    const watched = await open(t, sampleReport);
    const { page } = watched;
    await page.emulateMedia({ colorScheme });
    const background = await page.evaluate<string>(backgroundOfBody);
    assert.equal(background, colorScheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
    await page.screenshot({ path: artifact(`report-${colorScheme}.png`), fullPage: true });
    await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    assert.deepEqual(await complaints(watched), []);
  });
}

test('in print it is light, unfolded and whole', { skip }, async (t) => {
  const { page } = await open(t, sampleReport);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const background = await page.evaluate<string>(backgroundOfBody);
  assert.equal(background, 'rgb(255, 255, 255)');
  const height = await page
    .getByText('data.level: Information -> Debug')
    .evaluate((one) => one.getBoundingClientRect().height);
  assert.ok(height > 5, 'what is folded on the screen is printed');
  const pdf = await page.pdf({ path: artifact('report.pdf'), format: 'A4' });
  assert.ok(pdf.length > 10_000);
});

test('on a narrow screen the page itself does not scroll sideways', { skip }, async (t) => {
  const { page } = await open(t, sampleReport);
  await page.setViewportSize({ width: 360, height: 740 });
  const [scroll, client] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  assert.ok(scroll <= client, `${scroll} > ${client}`);
});

test('1,000 objects and 300 pods: less than 1 MB, and open in less than a second', { skip }, async (t) => {
  const report = largeReport(1_000);
  const bytes = Buffer.byteLength(reportHtml(report, (text) => text));
  assert.ok(bytes < 1_000_000, `${bytes} bytes`);
  const { page } = await open(t, report);
  // The time that the page's thread works, by the clock of the thread: what else the machine does meanwhile is not the page's.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const workedSeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await workedSeconds();
  await page.reload();
  const openMs = ((await workedSeconds()) - before) * 1_000;
  t.diagnostic(`${bytes} bytes, open in ${Math.round(openMs)} ms`);
  assert.ok(openMs > 0 && openMs < 1_000, `${openMs} ms`);
  assert.equal(await page.locator('svg g.pod').count(), 300);
  assert.equal(await page.locator('.plan li > details').count(), 1_000);
});

test('the style sheet is the one that the policy names', () => {
  const text = reportHtml(sampleReport, (one) => one);
  const [, css = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
  const hash = createHash('sha256').update(css).digest('base64');
  assert.ok(text.includes(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`));
});
