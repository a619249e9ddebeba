/** The page: the outages as charts and tables, for people; one file that needs no other. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { escapeEndTag, escapeHtml, escapeJson } from '../../../demo/report/escape.js';
import { cells, type Result } from '../report.js';
import { type StrategyName, strategies } from '../strategies.js';

const own = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
const dashes: Partial<Record<StrategyName, readonly number[]>> = {
  none: [2, 3],
  cockatiel: [8, 4],
};

/** The runs of one scenario through one adapter belong into one picture. */
function groups(results: readonly Result[]): readonly (readonly [Result, ...Result[]])[] {
  const all = new Map<string, [Result, ...Result[]]>();
  for (const result of results) {
    const key = `${result.scenario.name}-${result.adapter}`;
    const known = all.get(key);
    if (known === undefined) all.set(key, [result]);
    else known.push(result);
  }
  return [...all.values()];
}

const idOf = ({ scenario, adapter }: Result): string => `chart-${scenario.name}-${adapter}`;

/** What the script draws; times in seconds. */
function chartOf(group: readonly [Result, ...Result[]]): object | undefined {
  const shown = group.flatMap(({ strategy, figures: { timeline } }) =>
    timeline !== undefined && strategies.some((name) => name === strategy)
      ? [{ strategy, timeline }]
      : [],
  );
  const [carom] = shown.filter(({ strategy }) => strategy === 'carom');
  const last = carom ?? shown[0];
  if (last === undefined) return undefined;
  const { stretch, brokenAt, wellAt } = last.timeline;
  const length = Math.max(...shown.map(({ timeline }) => timeline.succeeded.length));
  return {
    id: idOf(group[0]),
    seconds: Array.from({ length }, (_, nth) => ((nth + 0.5) * stretch) / 1_000),
    brokenAt: brokenAt === undefined ? undefined : brokenAt / 1_000,
    wellAt: wellAt === undefined ? undefined : wellAt / 1_000,
    strategies: shown.map(({ strategy, timeline: { succeeded } }) => ({
      name: strategy,
      dash: dashes[strategy],
      rates: Array.from({ length }, (_, nth) => ((succeeded[nth] ?? 0) * 1_000) / stretch),
    })),
  };
}

function section(group: readonly [Result, ...Result[]]): string {
  const [{ scenario, adapter }] = group;
  const heads = cells.map(([title]) => `<th scope="col">${escapeHtml(title)}</th>`).join('');
  const rows = group.map(({ strategy, figures }) => {
    const tds = cells.map(([, of]) => `<td>${escapeHtml(of(figures))}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(strategy)}</th>${tds}</tr>`;
  });
  const chart = chartOf(group) === undefined ? '' : `<div id="${idOf(group[0])}"></div>`;
  return `<section>
<h2>${escapeHtml(scenario.title.replaceAll('`', ''))}, ${adapter}</h2>
<figure>${chart}<figcaption>Reach: ${escapeHtml(scenario.reach)}.</figcaption></figure>
<div class="scroll"><table><thead><tr><td></td>${heads}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>
</section>`;
}

/** The page as text. */
export async function renderPage(results: readonly Result[]): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const [style, script, chartStyle, chartScript] = await Promise.all([
    own('page.css'),
    own('charts.js'),
    readFile(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    readFile(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
  ]);
  const all = groups(results);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="color-scheme" content="light dark">
<title>Carom: through the outage</title>
<style>${escapeEndTag(chartStyle)}</style>
<style>${escapeEndTag(style)}</style>
</head>
<body>
<main>
<h1>Through the outage</h1>
<p>The same outages of a real PostgreSQL, ridden out by bare clients, by cockatiel around each call, and by Carom. The shade is the trouble.</p>
<noscript><p>The charts are drawn by a script in this page; the numbers are in the tables.</p></noscript>
${all.map(section).join('\n')}
</main>
<script>${escapeEndTag(chartScript)}</script>
<script>const charts = ${escapeJson(all.flatMap((group) => chartOf(group) ?? []))};</script>
<script>${escapeEndTag(script)}</script>
</body>
</html>
`;
}

/** Writes the page. */
export async function writePage(file: string, results: readonly Result[]): Promise<void> {
  await writeFile(file, await renderPage(results));
}
