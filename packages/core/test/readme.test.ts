import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Cushion, createStrategy } from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { strategyChecks } from '../src/engine/checks.js';
import { defaults } from '../src/engine/rules.js';
import { everyShotEvents, moreEvents } from '../src/telemetry/names.js';

const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');

/** What there is to hear has a table of its own. */
const [events = ''] = readme.match(/^## Watching$.*?(?=^## )/ms) ?? [];

/** The default of each option that a table names. */
const documented = new Map(
  [...readme.replace(events, '').matchAll(/^\| (`\w+`(?:, `\w+`)*) \|([^|]*)\|/gm)].flatMap(
    ([, names = '', value = '']) =>
      [...names.matchAll(/\w+/g)].map(([name]) => [name, value.trim()] as const),
  ),
);
const shown = (value: unknown): string =>
  value === Number.POSITIVE_INFINITY
    ? 'none'
    : typeof value === 'number'
      ? String(value).replace(/(\d)(\d{3})$/, '$1 $2')
      : `\`'${value}'\``;

describe('the README', () => {
  test('names every option and no other', () => {
    const { window, ...waiting } = new Cushion('a').rules;
    const count = new Cushion('a', { lastCalls: 10 }).rules.window;
    const names = [strategyChecks, window, count, waiting].flatMap((set) => Object.keys(set));
    expect([...documented.keys()].filter((name) => /^[a-z]/.test(name)).sort()).toEqual(
      [...new Set(names)].filter((name) => name !== 'kind').sort(),
    );
  });

  test('names every event and no other', () => {
    const rows = [...events.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)];
    const names = rows.flatMap(([, all = '']) => all.match(/\w+/g) ?? []);
    expect(names.sort()).toEqual([...everyShotEvents, ...moreEvents].sort());
  });

  test('gives the true defaults', () => {
    const { window, halfOpenMax, halfOpenAfter, ...waiting } = new Cushion('a').rules;
    const { retries, baseDelay, maxDelay } = defaults;
    const { kind, ...time } = window;
    expect(kind).toBe('time');
    for (const [name, value] of Object.entries({
      retries,
      baseDelay,
      maxDelay,
      ...time,
      halfOpenAfter,
      ...waiting,
    })) {
      expect([name, documented.get(name)]).toEqual([name, shown(value)]);
    }
    expect(halfOpenMax).toBe(10 * halfOpenAfter);
  });

  test('its example of a test without waiting works', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, random: seededRandom(1) });
    const result = strategy.shot(({ attempt }) => {
      if (attempt < 3) throw new Error('not yet');
      return 'done';
    });
    await clock.advance(60_000);
    expect(await result).toBe('done');
  });
});
