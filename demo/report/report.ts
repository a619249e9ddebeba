/** The report: one page that shows a demo to a person who does not read code. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ReportData } from './data.js';
import { type Assets, page } from './page.js';

const own = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

async function readAssets(): Promise<Assets> {
  const { resolve } = createRequire(import.meta.url);
  const [style, script, chartStyle, chartScript] = await Promise.all([
    own('page.css'),
    own('charts.js'),
    readFile(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    readFile(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
  ]);
  return { style, script, chartStyle, chartScript };
}

/** The page as text. */
export async function renderReport(data: ReportData): Promise<string> {
  return page(data, await readAssets());
}

/** Writes the page. */
export async function writeReport(file: string, data: ReportData): Promise<void> {
  await writeFile(file, await renderReport(data));
}
