/** cockatiel, set as its documentation shows; its aggressive timeout is the one that ends the wait. */
import * as cockatiel from 'cockatiel';
import type { Contender } from '../contender.js';
import { fail, failEveryOther, neverFires, succeed } from '../work.js';

const { handleAll } = cockatiel;
const by = 'cockatiel';
const turn = 'sink = await policy.execute(fn);';

const retry = (): cockatiel.RetryPolicy =>
  cockatiel.retry(handleAll, { maxAttempts: 3, backoff: new cockatiel.ConstantBackoff(0) });

const breaker = (): cockatiel.CircuitBreakerPolicy =>
  cockatiel.circuitBreaker(handleAll, {
    halfOpenAfter: neverFires,
    breaker: new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
  });

const timeout = (): cockatiel.TimeoutPolicy =>
  cockatiel.timeout(neverFires, cockatiel.TimeoutStrategy.Aggressive);

async function openBreaker(): Promise<cockatiel.CircuitBreakerPolicy> {
  const open = cockatiel.circuitBreaker(handleAll, {
    halfOpenAfter: neverFires,
    breaker: new cockatiel.ConsecutiveBreaker(1),
  });
  await open.execute(fail).catch(() => undefined);
  return open;
}

export async function cockatielContenders(): Promise<readonly Contender[]> {
  const { wrap, bulkhead } = cockatiel;
  return [
    { row: 'success', by, turn, names: { policy: wrap(retry(), breaker()), fn: succeed } },
    {
      row: 'clocked',
      by,
      turn,
      names: { policy: wrap(retry(), breaker(), timeout()), fn: succeed },
    },
    {
      row: 'all',
      by,
      turn,
      names: { policy: wrap(timeout(), retry(), breaker(), bulkhead(100), timeout()), fn: succeed },
      note: 'has no rate limit and no budget',
    },
    {
      row: 'rejected',
      by,
      turn: 'try { await policy.execute(fn); } catch (error) { sink = error; }',
      names: { policy: await openBreaker(), fn: succeed },
    },
    {
      row: 'transition',
      by,
      turn: 'policy.isolate().dispose();',
      names: { policy: breaker() },
      perTurn: 2,
      note: 'isolated and back: it cannot be opened by hand',
    },
    { row: 'fail-once', by, turn, names: { policy: retry(), fn: failEveryOther() } },
  ];
}
