import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

const executable = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Why pages can't be opened here, for `skip`; false where they can. */
export const noChromium = executable === undefined ? 'no chromium on PATH' : false;

/** Starts the browser of this machine. */
export function startChromium(): Promise<Browser> {
  // Its own sandbox doesn't start as root, as CI runs it; it opens nothing but pages of ours.
  return chromium.launch({ executablePath: executable ?? '', chromiumSandbox: false });
}

/** What a page asked for, ran and complained of. */
export interface Watched {
  readonly page: Page;
  /** The addresses that it wanted something of. */
  readonly requests: string[];
  /** Those of them that its policy let through; none but that of the page itself is answered. */
  readonly sent: string[];
  /** Dialogs that it opened, errors, violations of its policy. */
  readonly incidents: string[];
}

/** A tab of its own in which all that happens is written down. */
export async function watchedPage(browser: Browser, allowed: string): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  const page = await context.newPage();
  const [requests, sent, incidents]: [string[], string[], string[]] = [[], [], []];
  await context.route('**', (route) => {
    const url = route.request().url();
    sent.push(url);
    return url === allowed ? route.continue() : route.abort();
  });
  page.on('request', (request) => void requests.push(request.url()));
  page.on('dialog', (dialog) => {
    incidents.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => void incidents.push(`error ${error.message}`));
  page.on('console', (message) => void incidents.push(`console ${message.text()}`));
  return { page, requests, sent, incidents };
}

/** Where pictures of pages are left: a folder that CI may keep. */
export function artifact(name: string): string {
  const folder = process.env['OMS_DEPLOY_TEST_ARTIFACTS'] ?? join(tmpdir(), 'oms-deploy-artifacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
