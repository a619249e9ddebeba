/** Rounds: nothing of a round is lost in the sum, and no strategy always comes first. */
import { describe, expect, test } from '@jest/globals';
import { emptyFigures } from '../../bench/outages/figures.js';
import { joined, roundsOf, turnsOf } from '../../bench/outages/rounds.js';
import { scenarios } from '../../bench/outages/scenarios/scenarios.js';

const [storm] = scenarios.filter(({ name }) => name === 'serializable');
const [stop] = scenarios.filter(({ name }) => name === 'stop');
if (storm === undefined || stop === undefined) throw new Error('a scenario is missing');

describe('how many rounds', () => {
  test.each([
    [storm, undefined, { rounds: 5, trouble: undefined }],
    [storm, 20_000, { rounds: 5, trouble: 4_000 }],
    [storm, 5_000, { rounds: 2, trouble: 2_500 }],
    [storm, 600, { rounds: 1, trouble: 600 }],
    [stop, undefined, { rounds: 1, trouble: undefined }],
    [stop, 20_000, { rounds: 1, trouble: 20_000 }],
  ])('%#', (scenario, trouble, expected) => {
    expect(roundsOf(scenario, trouble)).toEqual(expected);
  });
});

test('each round begins with another strategy, and the last one is in order', () => {
  const names = ['none', 'cockatiel', 'carom'] as const;
  expect(turnsOf(names, 0)).toEqual(names);
  expect(turnsOf(names, 1)).toEqual(['cockatiel', 'carom', 'none']);
  expect(turnsOf(names, 4)).toEqual(turnsOf(names, 1));
});

test('counts add up, of times the worst counts, of rates the mean', () => {
  const first = {
    ...emptyFigures,
    ...{ shots: 3, failed: 1, trouble: 10, p99: 7, recoveryMs: 5, errors: { a: 1 } },
    ...{ more: { attempts: 4 }, left: { ...emptyFigures.left, timers: 1 } },
  };
  const timeline = { stretch: 250, succeeded: [], errors: [], brokenAt: 0, wellAt: 1 };
  const second = {
    ...emptyFigures,
    ...{ shots: 4, trouble: 20, p99: 2, errors: { a: 2, b: 1 }, more: { attempts: 6 }, timeline },
  };
  expect(joined([first, second])).toEqual({
    ...emptyFigures,
    ...{ shots: 7, failed: 1, trouble: 15, p99: 7, errors: { a: 3, b: 1 }, timeline },
    ...{ more: { attempts: 10 }, left: { ...emptyFigures.left, timers: 1 } },
  });
  expect(joined([first])).toBe(first);
});
