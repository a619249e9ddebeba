/** mollitia: a circuit made of modules around one function. */
import * as mollitia from 'mollitia';
import type { Contender } from '../contender.js';
import { fail, failEveryOther, neverFires, succeed } from '../work.js';

const by = 'mollitia';
const turn = 'sink = await circuit.execute();';

const circuit = (func: () => Promise<unknown>, modules: mollitia.Module[]): mollitia.Circuit =>
  new mollitia.Circuit({ func, options: { modules } });
const retry = (): mollitia.Retry => new mollitia.Retry({ attempts: 3, interval: 0 });
const timeout = (): mollitia.Timeout => new mollitia.Timeout({ delay: neverFires });
const breaker = (): mollitia.SlidingCountBreaker =>
  new mollitia.SlidingCountBreaker({
    slidingWindowSize: 64,
    minimumNumberOfCalls: 16,
    failureRateThreshold: 50,
    openStateDelay: neverFires,
  });

async function openCircuit(): Promise<mollitia.Circuit> {
  const open = circuit(fail, [breaker()]);
  for (let call = 0; call < 64; call++) await open.execute().catch(() => undefined);
  return open;
}

export async function mollitiaContenders(): Promise<readonly Contender[]> {
  const bulkhead = new mollitia.Bulkhead({ concurrentSize: 100, queueSize: 100 });
  const everything = [timeout(), retry(), breaker(), bulkhead, timeout()];
  return [
    { row: 'success', by, turn, names: { circuit: circuit(succeed, [retry(), breaker()]) } },
    {
      row: 'clocked',
      by,
      turn,
      names: { circuit: circuit(succeed, [retry(), breaker(), timeout()]) },
    },
    {
      row: 'all',
      by,
      turn,
      names: { circuit: circuit(succeed, everything) },
      note: 'without its rate limit, which keeps the time of each call; has no budget',
    },
    {
      row: 'rejected',
      by,
      turn: 'try { await circuit.execute(); } catch (error) { sink = error; }',
      names: { circuit: await openCircuit() },
    },
    { row: 'fail-once', by, turn, names: { circuit: circuit(failEveryOther(), [retry()]) } },
  ];
}
