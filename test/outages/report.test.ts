/** The report of the outages: no broken promise goes unsaid, and the page needs no other file. */
import { describe, expect, test } from '@jest/globals';
import { emptyFigures, type Figures } from '../../bench/outages/figures.js';
import { renderPage } from '../../bench/outages/page/page.js';
import { figuresOf, head, missed, type Result, row } from '../../bench/outages/report.js';
import { scenarios } from '../../bench/outages/scenarios/scenarios.js';
import type { StrategyName } from '../../bench/outages/strategies.js';

const timeline = {
  ...{ stretch: 250, succeeded: [1, 2], errors: [], brokenAt: 100, wellAt: undefined },
};

function result(
  name: string,
  figures: Partial<Figures> = {},
  strategy: StrategyName = 'carom',
): Result {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return { scenario, adapter: 'pg', strategy, figures: { ...emptyFigures, ...figures } };
}

const gone = { ...emptyFigures.left };

describe('a promise that was broken', () => {
  test.each<readonly [name: string, figures: Partial<Figures>, said: string]>([
    ['stop', { failed: 1 }, 'failed 1, should be 0'],
    ['stop', { connections: 101 }, 'connection attempts 101, should be at most 100'],
    ['failover-fence', { needlesslyUnknown: 2 }, 'unknown that could be known 2, should be 0'],
    ['failover', { duplicates: 1 }, 'duplicates 1, should be 0'],
    ['failover', { lost: 1 }, 'lost 1, should be 0'],
    ['failover', { denied: 1 }, 'said not to be done, and done 1, should be 0'],
    ['black-hole', { hung: 1 }, 'hung 1, should be 0'],
    ['idle-kill', { more: { died: 1 } }, 'processes died 1, should be 0'],
    ['calm', { more: { addedRoundTrips: 1 } }, 'added round trips 1, should be 0'],
  ])('%s: %j is said', (name, figures, said) => {
    expect(missed([result(name, figures)])).toEqual([`${name}, pg: ${said}`]);
    expect(missed([result(name, figures, 'none')])).toEqual([]);
  });

  test.each(['slots', 'listeners', 'timers', 'handles', 'circuits'])('%s left are said', (what) => {
    const [said] = missed([result('stop', { left: { ...gone, [what]: 1 } })]);
    expect(said).toContain(`"${what}":1`);
  });

  test('is none where all is well, or where only an error was allowed', () => {
    expect(missed(scenarios.map(({ name }) => result(name)))).toEqual([]);
    expect(missed([result('black-hole', { failed: 5, unknown: 3 })])).toEqual([]);
  });
});

test('figures for programs are by scenario, adapter and strategy; loops stand apart', () => {
  const results = [
    result('deadlocks', { shots: 7 }),
    result('deadlocks', { shots: 8 }, 'none'),
    result('deadlocks', { shots: 9 }, 'loop 10 ms'),
  ];
  expect(figuresOf(results, { seed: 3 })).toMatchObject({
    seed: 3,
    missed: [],
    scenarios: {
      deadlocks: {
        strategies: { carom: { shots: 7 }, none: { shots: 8 } },
        adapters: {
          pg: {
            strategies: { carom: { shots: 7, failed: 0 }, none: { shots: 8 } },
            loops: { 'loop 10 ms': { shots: 9 } },
          },
        },
      },
    },
  });
});

test('a row has as many cells as the head', () => {
  const cells = (line: string | undefined): number | undefined => line?.split('|').length;
  const [titles, rule] = head.split('\n');
  expect(cells(rule)).toBe(cells(titles));
  expect(cells(row(result('stop')))).toBe(cells(titles));
});

test('the page loads nothing, and has a chart where there is something to draw', async () => {
  const page = await renderPage([result('stop', { timeline }), result('calm')]);
  const markup = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
  expect(markup).not.toMatch(/\b(src|href|action|srcset)\s*=/i);
  expect(markup.match(/id="chart-[^"]*"/g)).toEqual(['id="chart-stop-pg"']);
  expect(page).toContain('"brokenAt":0.1');
});
