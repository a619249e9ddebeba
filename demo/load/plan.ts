/** The plan of the load: every operation of a run, from the seed and the length of the run alone. */
import { pick, type Random, seededRandom } from '../random.js';
import { hotProducts, products } from '../shop/goods.js';
import { adapters, type Operation, type TransferOperation } from './operation.js';

/** Operations per second, all clients together: a small shop on a good day. */
export const operationsPerSecond = 50;

/** Of a hundred operations; the rest are reads. */
const shares = { order: 40, 'gift-card': 25, transfer: 8 } as const;

type Head = Pick<Operation, 'id' | 'at' | 'adapter'>;

function operation(random: Random, head: Head): Operation {
  const product = 1 + pick(random, products);
  const quantity = 1 + pick(random, 3);
  const form = pick(random, 3);
  const cents = 500 + 50 * pick(random, 100);
  const share = pick(random, 100);
  if (share < shares.order) {
    return { ...head, kind: 'order', product, quantity, cents: cents * quantity, form };
  }
  if (share < shares.order + shares['gift-card']) return { ...head, kind: 'gift-card', cents };
  if (share < shares.order + shares['gift-card'] + shares.transfer) {
    const to = 1 + ((product - 1 + 1 + pick(random, products - 1)) % products);
    return { ...head, kind: 'transfer', from: product, to, quantity, pause: 0 };
  }
  return { ...head, kind: 'read', product, form };
}

/**
 * The operations of one run, in order of time. They come when they come: a customer does not wait for the one before
 * to be served, so that a stall is felt by all who come meanwhile.
 */
export function plan(seed: number, runMs: number): readonly Operation[] {
  const random = seededRandom(seed ^ 0x5ca1ab1e);
  const apart = 1_000 / operationsPerSecond;
  return Array.from({ length: Math.floor(runMs / apart) }, (_, index) =>
    operation(random, {
      id: `w${index + 1}`,
      at: (index + random()) * apart,
      adapter: adapters[index % adapters.length] ?? 'pg',
    }),
  );
}

/** Long enough that each of two opposed transfers has its first row before it asks for the second. */
const deadlockPause = 60;

/** Pairs of transfers that take the same two rows in opposite orders: a deadlock each. */
export function deadlockPairs(fault: number, at: number): readonly TransferOperation[] {
  const [one, other] = hotProducts;
  return adapters.map((adapter, index) => ({
    id: `d${fault}-${index + 1}`,
    at,
    adapter,
    kind: 'transfer',
    from: index % 2 === 0 ? one : other,
    to: index % 2 === 0 ? other : one,
    quantity: 1,
    pause: deadlockPause,
  }));
}
