/** p-retry and async-retry: functions that retry, and nothing else. */
import asyncRetry from 'async-retry';
import pRetry from 'p-retry';
import type { Contender } from '../contender.js';
import { failEveryOther, succeed } from '../work.js';

const options = { retries: 3, minTimeout: 0 };
const turn = 'sink = await retry(fn, options);';

export function retryContenders(): readonly Contender[] {
  const libraries = [
    ['p-retry', pRetry],
    ['async-retry', asyncRetry],
  ] as const;
  return libraries.flatMap(([by, retry]): Contender[] => [
    { row: 'success', by, turn, names: { retry, options, fn: succeed }, note: 'retry only' },
    { row: 'fail-once', by, turn, names: { retry, options, fn: failEveryOther() } },
  ]);
}
