/** The page: its HTML, from the texts, the numbers and the assets that are put inside it. */
import { strategyTexts } from '../strategies.js';
import { keptItsWord, type RunResult } from '../tally/result.js';
import { meaning } from '../view/meaning.js';
import { count, duration } from '../view/view.js';
import type { ReportData } from './data.js';
import { type Decided, decided } from './decided.js';
import { escapeEndTag, escapeHtml, escapeJson } from './escape.js';
import { lanesOf } from './lanes.js';
import { columns, type Section, sections } from './texts.js';

/** What the page carries with it: it loads nothing. */
export interface Assets {
  readonly style: string;
  readonly chartStyle: string;
  readonly chartScript: string;
  readonly script: string;
}

const text = escapeHtml;

function card({ strategy, numbers }: RunResult): string {
  const { title, about } = strategyTexts[strategy];
  const { duplicates, lost, failed, unknown, longestStall } = numbers;
  const kept = strategy === 'carom' ? 'good' : '';
  return `<section class="card ${keptItsWord(numbers) ? kept : 'bad'}" id="card-${strategy}">
  <h3>${text(title)}</h3>
  <p class="about">${text(about)}</p>
  <p class="big wrong">${count(duplicates)}<span> ${duplicates === 1 ? 'write' : 'writes'} done twice</span></p>
  <p class="big">${count(failed + unknown)}<span> ${failed + unknown === 1 ? 'error' : 'errors'} for customers</span></p>
  <ul>
    <li>${count(unknown)} of these leave open whether it was done</li>
    <li>${count(lost)} ${lost === 1 ? 'write' : 'writes'} lost</li>
    <li>longest stall ${text(duration(longestStall))}</li>
  </ul>
</section>`;
}

function explanation({ heading, paragraphs }: Section): string {
  const body = paragraphs
    .map((paragraph) => `<p>${text(paragraph).replaceAll('€ ', '€&nbsp;')}</p>`)
    .join('\n');
  return `<section>\n<h2>${text(heading)}</h2>\n${body}\n</section>`;
}

function tile({ lane, number, what, detail }: Decided): string {
  return `<li class="${lane}"><b>${count(number)}</b> ${text(what)}<small>${text(detail)}</small></li>`;
}

/** What its scoreboard told, where it has one. */
function decisions({ timeline }: RunResult, runMs: number): string {
  if (timeline.decisions === undefined) return '';
  return `<ul class="decided" id="decided">${decided(timeline.decisions, runMs).map(tile).join('\n')}</ul>\n`;
}

function panel(result: RunResult, runMs: number): string {
  const { strategy } = result;
  const { title, about } = strategyTexts[strategy];
  return `<figure class="panel">
  <figcaption><strong>${text(title)}</strong> <span class="aside">${text(about)}</span></figcaption>
  ${decisions(result, runMs)}<div class="chart" id="chart-${strategy}"></div>
</figure>`;
}

function tableRow({ strategy, numbers }: RunResult): string {
  const { shots, failed, duplicates, lost, unknown, p50, p99, longestStall } = numbers;
  const cells = [
    ...[shots, failed, duplicates, lost, unknown].map(count),
    ...[p50, p99, longestStall].map(duration),
  ];
  const tds = cells.map((cell) => `<td>${text(cell)}</td>`).join('');
  return `<tr><th scope="row">${text(strategyTexts[strategy].title)}</th>${tds}</tr>`;
}

function table(results: readonly RunResult[]): string {
  const heads = columns.map(([name]) => `<th scope="col">${text(name)}</th>`).join('');
  const meanings = columns
    .map(([name, meaning]) => `<dt>${text(name)}</dt><dd>${text(meaning)}</dd>`)
    .join('\n');
  return `<div class="scroll"><table>
<thead><tr><td></td>${heads}</tr></thead>
<tbody>${results.map(tableRow).join('\n')}</tbody>
</table></div>
<dl>${meanings}</dl>`;
}

/** What the script draws. */
function drawing({ runMs, results }: ReportData): unknown {
  return results.map((result) => {
    const { stretch, succeeded, errors } = result.timeline;
    return {
      name: result.strategy,
      runMs,
      stretch,
      succeeded,
      errors,
      groups: lanesOf(result, runMs),
    };
  });
}

const key = `<p class="key"><span class="key-done">succeeded, per second</span>
<span class="key-errors">ended with an error, per second</span>
<span class="key-away">no server</span> <span><b>○</b> request lost</span> <span><b>●</b> answer lost</span>
<span><b>R</b> restart</span> <span><b>P</b> standby promoted</span> <span><b>K</b> connections killed</span>
<span><b>D</b> deadlock</span> <span><b class="twice">‖</b> done twice</span></p>`;

const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** The whole page, as one file that needs no other. */
export function page(data: ReportData, assets: Assets): string {
  const { seed, seconds, faults, results, runMs } = data;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${text(policy)}">
<meta name="color-scheme" content="light dark">
<title>Carom: a shop under fire</title>
<style>${escapeEndTag(assets.chartStyle)}</style>
<style>${escapeEndTag(assets.style)}</style>
</head>
<body>
<main>
<header>
<h1>A shop under fire</h1>
<p>The same shop, the same customers and the same ${count(faults.total)} faults, three times.</p>
<p class="verdict">${text(meaning(results)).replaceAll('€ ', '€&nbsp;')}</p>
</header>
<div class="cards">${results.map(card).join('\n')}</div>
<section>
<h2>Second by second</h2>
<noscript><p>The charts are drawn by a script in this page; the numbers are in the table below.</p></noscript>
${key}
${results.map((result) => panel(result, runMs)).join('\n')}
</section>
<div class="words">${sections(data).map(explanation).join('\n')}</div>
<section>
<h2>The numbers</h2>
${table(results)}
</section>
<footer><p>Seed ${seed}, ${seconds} s of load in all. To play it again:
<code>npm run demo -- --seed ${seed} --seconds ${seconds}</code></p></footer>
</main>
<script>${escapeEndTag(assets.chartScript)}</script>
<script>const runs = ${escapeJson(drawing(data))};</script>
<script>${escapeEndTag(assets.script)}</script>
</body>
</html>
`;
}
