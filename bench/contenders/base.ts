/** The bases: the same work with nothing around it. */
import type { Contender } from '../contender.js';
import { eightCounters, failEveryOther, succeed } from '../work.js';

/** All but `unheard`, which is a second copy of Carom. */
export function baseContenders(): readonly Contender[] {
  const work = failEveryOther();
  return [
    { row: 'base', by: 'bare', turn: 'sink = await fn();', names: { fn: succeed } },
    {
      row: 'base',
      by: 'hand',
      turn: 'try { sink = await fn(); } catch { sink = await fn(); }',
      names: { fn: work },
    },
    { row: 'base', by: 'call', turn: 'sink = fns[i & 7]();', names: { fns: eightCounters() } },
    { row: 'base', by: 'nothing', turn: 'sink = i;', names: {} },
  ];
}
