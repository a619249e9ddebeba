/** The schedule of faults: which goes wrong when, from the seed and the length of a run alone. */
import { type FaultKind, faultKinds, serverFaults } from './faults/kinds.js';
import { pick, type Random, seededRandom, shuffled } from './random.js';

/** One fault to come. Times in ms. */
export interface ScheduledFault {
  /** From the beginning of the run. */
  readonly at: number;
  readonly kind: FaultKind;
  /** How long there is no server, where the fault is one of the server's. */
  readonly downtime: number;
}

/** How far apart the faults of the server as a whole are: a promoted standby needs its own standby first. */
const serverPace = 6_000;
/** How far apart the small ones are: often enough to be seen, seldom enough to tell them apart. */
const smallPace = 500;
/** The end of a run is left in peace, so that what was begun can be finished. */
const quietFrom = 0.9;

const isServerFault = (kind: FaultKind): boolean =>
  (serverFaults as readonly FaultKind[]).includes(kind);
const smallFaults = faultKinds.filter((kind) => !isServerFault(kind));

/** Each kind at least once, then all over again in another order, as many as asked for. */
function rounds(random: Random, kinds: readonly FaultKind[], count: number): readonly FaultKind[] {
  const found: FaultKind[] = [];
  while (found.length < Math.max(count, kinds.length)) found.push(...shuffled(random, kinds));
  return found.slice(0, Math.max(count, kinds.length));
}

/** Spreads the kinds evenly over the run, each somewhere in its own stretch of it. */
function spread(
  random: Random,
  kinds: readonly FaultKind[],
  runMs: number,
  downtime: () => number,
): readonly ScheduledFault[] {
  const stretch = (runMs * quietFrom) / kinds.length;
  return kinds.map((kind, index) => ({
    at: Math.round((index + 0.25 + random() * 0.5) * stretch),
    kind,
    downtime: isServerFault(kind) ? downtime() : 0,
  }));
}

/** The faults of one run, in order of time. The same seed and length give the same schedule. */
export function schedule(seed: number, runMs: number): readonly ScheduledFault[] {
  const random = seededRandom(seed);
  // A fifth of the run at most goes by without a server, 600 to 1,200 ms each time where there is room.
  const longest = Math.min(1_200, (runMs * 0.2) / 3);
  const downtime = (): number => Math.round(longest / 2 + pick(random, longest / 2));
  const server = rounds(random, serverFaults, Math.floor(runMs / serverPace));
  const small = rounds(random, smallFaults, Math.floor(runMs / smallPace));
  return [
    ...spread(random, server, runMs, downtime),
    ...spread(random, small, runMs, downtime),
  ].toSorted((a, b) => a.at - b.at);
}

/** How many of each kind, and altogether. */
export function countFaults(
  faults: readonly ScheduledFault[],
): Readonly<Record<FaultKind | 'total', number>> {
  const counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<
    FaultKind | 'total',
    number
  >;
  for (const { kind } of faults) counts[kind] += 1;
  counts.total = faults.length;
  return counts;
}
