/** The page in a browser: drawn without an error, whole on a wide and on a narrow screen. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { renderReport } from '../../demo/report/report.js';
import { until } from '../testing/waiting.js';
import { browserProgram, startBrowser } from './browser.js';
import { sampleDemo } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'carom-page-'));
const file = join(folder, 'page.html');
let browser: Browser | undefined;

beforeAll(async () => {
  if (browserProgram === undefined) return;
  writeFileSync(file, await renderReport(sampleDemo()));
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The page as a screen of that width shows it, and all that it complained of. */
async function opened(width: number, colorScheme: 'light' | 'dark' = 'light') {
  if (browser === undefined) throw new Error('there is no browser');
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (url !== pathToFileURL(file).href) complaints.push(`asked for ${url}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

/** What sticks out on the left or the right; what is in a box that scrolls by itself may. Runs in the browser. */
const stickingOut = `[...document.querySelectorAll('main *')]
  .filter((one) => one.closest('.scroll table') === null && one.tagName !== 'title')
  .filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left < 0 || right > document.documentElement.clientWidth;
  })
  .map((one) => (one.tagName + ' ' + one.textContent).slice(0, 80))`;
const outside = (page: Page): Promise<readonly string[]> => page.evaluate(stickingOut);

const inBrowser = browserProgram === undefined ? describe.skip : describe;
const where = browserProgram === undefined ? ' (skipped: there is no Chromium)' : '';

inBrowser(`the page in Chromium${where}`, () => {
  test.each([1_280, 390])('is whole on a screen %i wide', async (width) => {
    const { page, complaints } = await opened(width);
    for (const seen of [
      ...['#card-none', '#card-naive', '#card-carom', '.verdict', '#decided', 'table'],
      ...['none', 'naive', 'carom'].flatMap((name) => [
        `#chart-${name} canvas`,
        `#chart-${name} svg.lanes`,
      ]),
    ]) {
      expect([seen, await page.locator(seen).isVisible()]).toEqual([seen, true]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await outside(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("shows what Carom told, in Carom's timeline alone", async () => {
    const { page } = await opened(1_280);
    const drawn = (name: string, kind: string): Promise<number> =>
      page.locator(`#chart-${name} svg ${kind}`).count();
    // In the sample: open and half-open; three stretches each of waiting and retries, two of connections.
    expect(await drawn('carom', 'rect.circuit')).toBe(2);
    expect(await drawn('carom', 'rect.bar')).toBe(3 + 3 + 2);
    expect(await drawn('carom', 'text.settled')).toBe(2);
    expect(await drawn('carom', 'text.unknown')).toBe(1);
    for (const name of ['none', 'naive']) {
      for (const kind of ['rect.circuit', 'rect.bar', 'text.settled', 'text.unknown']) {
        expect([name, kind, await drawn(name, kind)]).toEqual([name, kind, 0]);
      }
    }
    expect(await drawn('naive', 'g.double')).toBe(2);
    expect(await drawn('carom', 'g.double')).toBe(0);
    expect(await page.locator('#decided li').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^13 attempts were played again/)]),
    );
    await page.close();
  });

  test('draws itself anew when the screen turns, and in the dark', async () => {
    const { page, complaints } = await opened(1_280, 'dark');
    await page.setViewportSize({ width: 390, height: 844 });
    // A chart that is not drawn anew is as wide as it was.
    await until(async () => (await outside(page)).length === 0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
