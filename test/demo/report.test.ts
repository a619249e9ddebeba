/** The report: one page that needs no other, well-formed, and true to the numbers. */
import { describe, expect, test } from '@jest/globals';
import { decided } from '../../demo/report/decided.js';
import { escapeEndTag, escapeHtml, escapeJson } from '../../demo/report/escape.js';
import { type Lane, lanesOf } from '../../demo/report/lanes.js';
import { renderReport } from '../../demo/report/report.js';
import type { StrategyName } from '../../demo/strategies.js';
import { sampleDemo, sampleRun } from './sample.js';

const html = await renderReport(sampleDemo());

/** The page without its scripts and styles. */
const markup = html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '<$1></$1>');

const voidElements = new Set(['meta', 'link', 'img', 'br', 'hr', 'input']);

/** Tags that are closed by another, or never. */
function unbalanced(page: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (voidElements.has(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the page', () => {
  test('is one well-formed document', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(unbalanced(markup)).toEqual([]);
    expect(unbalanced('<p><b></p></b>')).not.toEqual([]);
    const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('loads nothing: no address of anything, and a policy that would refuse it', () => {
    expect(markup).not.toMatch(/\b(src|href|action|data|poster|srcset)\s*=/i);
    expect(html).not.toMatch(
      /@import|url\(|<link|<iframe|\bimport\(|\bfetch\(|XMLHttpRequest|sendBeacon/,
    );
    // The one address is the chart library's home, in its licence comment.
    const addresses = [...html.matchAll(/\b(?:https?:)?\/\/[\w-]+\.[\w./-]+/g)].map(
      ([found]) => found,
    );
    expect(new Set(addresses)).toEqual(new Set(['https://github.com/leeoniya/uPlot']));
    expect(markup).toContain('default-src &#39;none&#39;');
  });

  test('carries the charts, and its data as they are', () => {
    expect(html).toContain('uPlot=function');
    const [, data = ''] = /const runs = (.*);<\/script>/.exec(html) ?? [];
    const runs = JSON.parse(data) as { name: string; succeeded: number[] }[];
    expect(runs.map(({ name }) => name)).toEqual(['none', 'naive', 'carom']);
    expect(runs[0]?.succeeded).toEqual(sampleRun('none').timeline.succeeded);
    for (const name of ['none', 'naive', 'carom']) expect(markup).toContain(`id="chart-${name}"`);
  });

  test('says in words what happened', () => {
    for (const said of [
      'The same shop, the same customers and the same',
      'the customer pays twice',
      'It did 14 writes twice: customers were charged €&nbsp;552.50',
      'In 2 more cases its last error said that nothing was done',
      'It doubled nothing and lost nothing.',
      'In 9 cases nobody could know',
      'npm run demo -- --seed 7 --seconds 6',
    ]) {
      expect(markup).toContain(said);
    }
  });

  test('hides no defect of Carom', async () => {
    const bad = await renderReport(sampleDemo({ duplicates: 3, lost: 1 }));
    expect(bad).toContain('It doubled 3 and lost 1: that is a defect of Carom.');
    expect(bad.match(/class="card bad"/g)).toHaveLength(2);
  });
});

describe('the lanes', () => {
  const lanes = (name: StrategyName): readonly Lane[] =>
    lanesOf(sampleRun(name), 2_000).flatMap((group) => group.lanes);
  const lane = (name: StrategyName, title: string): Lane | undefined =>
    lanes(name).find((one) => one.name === title);

  test('show each fault once, by a sign that needs no colour', () => {
    const faults = lanes('none').filter(({ kind }) => kind === 'fault' || kind === 'away');
    expect(faults.flatMap(({ marks }) => marks)).toHaveLength(13);
    const signs = new Set(faults.flatMap(({ marks }) => marks.map(({ sign }) => sign)));
    expect(signs).toEqual(new Set(['R', 'P', 'K', 'D', '○', '●']));
  });

  test('show what was done twice', () => {
    expect(lane('naive', 'done twice')?.marks.map(({ from }) => from)).toEqual([300, 450]);
  });

  test('show what was decided, only where somebody decides', () => {
    expect(lane('carom', 'circuit open')?.marks).toEqual([
      expect.objectContaining({ from: 500, until: 800, sign: 'O' }),
      expect.objectContaining({ from: 800, until: 850, sign: '½' }),
    ]);
    expect(lane('carom', 'played again')?.bars).toEqual([0, 0, 3, 9, 1, 0, 0, 0]);
    expect(lane('carom', 'waiting')?.bars).toEqual([0, 0, 12, 20, 4, 0, 0, 0]);
    expect(lane('carom', 'settled')?.marks.map(({ sign }) => sign)).toEqual(['✓', '↺']);
    expect(lane('carom', 'unknown')?.marks).toEqual([
      expect.objectContaining({ from: 610, title: expect.stringContaining('nobody can say') }),
    ]);
    for (const name of ['none', 'naive'] as const) {
      expect(lanesOf(sampleRun(name), 2_000).map(({ title }) => title)).toEqual([
        'what went wrong',
        'what came of it',
      ]);
    }
  });
});

test('what was decided is said in numbers', () => {
  const { decisions } = sampleRun('carom').timeline;
  if (decisions === undefined) throw new Error('the sample has none');
  const said = decided(decisions, 2_000).map(({ number, what, detail }) => [number, what, detail]);
  expect(said).toEqual([
    [1, 'time the circuit opened', expect.stringContaining('350 ms in all')],
    [24, 'operations waited for it', expect.stringContaining('at most 20 at once')],
    [13, 'attempts were played again', '12 outage, 1 contention'],
    [7, 'connections were thrown away', 'and 1 pool drained'],
    [2, 'lost COMMITs were settled', '✓ 1 had committed, ↺ 1 had not'],
    [1, 'write stays unknown', '? nobody can say, and the caller is told so'],
  ]);
});

test('nothing escapes from where it is put', () => {
  expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
  expect(escapeEndTag('a</script>b</STYLE>c</p>')).toBe('a<\\/script>b<\\/STYLE>c</p>');
  const value = { text: '</script><!--\u2028' };
  expect(escapeJson(value)).not.toMatch(/<|\u2028/);
  expect(JSON.parse(escapeJson(value))).toEqual(value);
});
