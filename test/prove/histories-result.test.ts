/** The histories' command around the checker: its options, its schedule, and what it makes of what was found. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { anomalyKinds, forbiddenFrom } from '../../bench/prove/histories/checker/level.js';
import { nameOf, schedule, serverFaults } from '../../bench/prove/histories/faults/schedule.js';
import { readOptions } from '../../bench/prove/histories/options.js';
import { report } from '../../bench/prove/histories/report.js';
import { conclude, figuresOf } from '../../bench/prove/histories/result.js';

const told = { committed: 5, 'rolled-back': 2, unknown: 1 };
const history = {
  level: 'repeatable read',
  workload: 'list-append',
  retries: 3,
  contended: 2,
} as const;
const played = { seed: 1, seconds: 2, commit: 'xid', faults: { rst: 4 } } as const;
const duplicate = { kind: 'duplicate', text: 'list 1 has 2 2 times' } as const;
const skew = { kind: 'G2-item', text: 'a -rw-> b -rw-> a' } as const;

describe('the result', () => {
  test('what the level forbids is counted, shown, and not ok', () => {
    const figures = figuresOf(
      { ...history, client: 'pg' },
      { told, unclaimed: 0, anomalies: [duplicate, duplicate, skew] },
    );
    expect(figures).toMatchObject({ transactions: 8, ok: 5, failed: 2, unknown: 1, forbidden: 2 });
    expect(figures.anomalies).toEqual({ duplicate: 2, 'G2-item': 1 });
    const result = conclude(played, [figures]);
    expect(result).toMatchObject({ ok: false, controlFoundOut: false });
    expect(report(result)).toContain('- pg, repeatable read, list-append: duplicate: list 1 has');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test('what it allows is ok, and so is a control that was found out', () => {
    const carom = figuresOf(
      { ...history, client: 'knex' },
      { told, unclaimed: 0, anomalies: [skew] },
    );
    const control = figuresOf(
      { ...history, client: 'by hand' },
      { told, unclaimed: 0, anomalies: [duplicate] },
    );
    const result = conclude(played, [carom, control]);
    expect(result).toMatchObject({ ok: true, controlFoundOut: true });
    expect(report(result)).toContain('| 0 | 1 G2-item |');
  });
});

test('an error that says nothing of the outcome is not ok', () => {
  const figures = figuresOf(
    { ...history, client: 'prisma' },
    { told, unclaimed: 1, anomalies: [] },
  );
  expect(conclude(played, [figures]).ok).toBe(false);
});

describe('the schedule', () => {
  test('follows from the seed', () => {
    expect(schedule(1, 10_000)).toEqual(schedule(1, 10_000));
    expect(schedule(1, 10_000)).not.toEqual(schedule(2, 10_000));
  });

  test('has every fault of the server in the shortest run, and every other in the quick one', () => {
    const short = schedule(3, 2_000).map(nameOf);
    expect(serverFaults.filter((kind) => !short.includes(kind))).toEqual([]);
    expect(new Set(schedule(3, 7_000).map(nameOf))).toEqual(
      new Set([...serverFaults, 'fin', 'rst', 'stall', 'blackHole']),
    );
  });
});

describe('the options', () => {
  test('defaults, and what is told', () => {
    expect(readOptions([])).toMatchObject({ seconds: 60, json: undefined, help: false });
    expect(readOptions(['--quick'])).toMatchObject({ seconds: 7 });
    expect(readOptions(['--seed', '3', '--seconds', '9', '--json', 'a.json'])).toEqual({
      seed: 3,
      seconds: 9,
      commit: 'xid',
      json: 'a.json',
      help: false,
    });
  });

  test.each([[['--seed', 'x']], [['--seconds', '0']], [['--commit', 'none']], [['--nonsense']]])(
    '%j is refused',
    (args) => {
      expect(() => readOptions(args)).toThrow();
    },
  );
});

test('the page says of every anomaly from which level on it is forbidden', () => {
  const page = readFileSync(new URL('../../docs/histories.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)` \| .* \| ([A-Z ]+) \|$/gm)];
  expect(rows.map(([, kind, level]) => [kind, level])).toEqual(
    anomalyKinds.map((kind) => [kind, forbiddenFrom(kind).toUpperCase()]),
  );
});
