/** A plan is what a lane does, drawn from the seed: units of work, and which of them are hit where. */
import { asks, type Hit, type ServerFault, serverHits, wireHits } from './faults.js';

/** What a program asks of its client: one statement, or several that belong together. */
export const units = ['autocommit', 'transaction', 'batch', 'nested write'] as const;
export type Unit = (typeof units)[number];

/** From 0 up to 1. */
export type Random = () => number;

/** A copy in a new order (Fisher and Yates). */
function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}

/** One in so many units is hit. */
const hitEvery = 3;

/** `count` units; each kind of hit comes about as often as any other, and all of them before one comes again. */
export function plan(random: Random, count: number): readonly (Hit | undefined)[] {
  let left: Hit[] = [];
  return Array.from({ length: count }, (_, nth) => {
    if (nth % hitEvery !== 1) return undefined;
    if (left.length === 0) left = shuffled(random, wireHits);
    const hit = left.pop();
    if (hit === undefined || !asks(hit.point)) return hit;
    return { ...hit, loss: random() < 0.5 ? 'before' : 'after-server' };
  });
}

/** What the server is made to suffer, and where the units are held meanwhile. */
export function strikes(
  random: Random,
  faults: readonly ServerFault[],
  quick: boolean,
): readonly Hit[] {
  return shuffled(
    random,
    faults.flatMap((fault) => serverHits(fault).slice(0, quick ? 1 : undefined)),
  );
}
