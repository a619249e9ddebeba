/** opossum: a circuit breaker with a timeout; it has no retry. */
import CircuitBreaker from 'opossum';
import type { Contender } from '../contender.js';
import { neverFires, succeed } from '../work.js';

const by = 'opossum';
const turn = 'sink = await breaker.fire();';

const breaker = (options: CircuitBreaker.Options): CircuitBreaker<[], number> =>
  new CircuitBreaker(succeed, { timeout: false, resetTimeout: neverFires, ...options });

export function opossumContenders(): readonly Contender[] {
  const open = breaker({});
  open.open();
  return [
    { row: 'success', by, turn, names: { breaker: breaker({}) }, note: 'has no retry' },
    {
      row: 'clocked',
      by,
      turn,
      names: { breaker: breaker({ timeout: neverFires }) },
      note: 'has no retry',
    },
    {
      row: 'all',
      by,
      turn,
      names: { breaker: breaker({ timeout: neverFires, capacity: 100 }) },
      note: 'timeout, breaker and capacity only',
    },
    {
      row: 'rejected',
      by,
      turn: 'try { await breaker.fire(); } catch (error) { sink = error; }',
      names: { breaker: open },
    },
    {
      row: 'transition',
      by,
      turn: 'breaker.open(); breaker.close();',
      names: { breaker: breaker({}) },
      perTurn: 2,
    },
  ];
}
