/** The schedule of faults: which goes wrong when, from the seed and the length of a run alone. */
import { seededRandom } from '@carom/core/testing';
import type { Fault, Trigger } from '@carom/testing';
import { pick } from '../workload/workload.js';

export const serverFaults = ['kill-backends', 'crash', 'promote'] as const;

export type ServerFault = (typeof serverFaults)[number];

/** One fault to come: of the server, or of one connection of every client. */
export type ScheduledFault = {
  /** In ms from the beginning. */
  readonly at: number;
} & (
  | { readonly server: ServerFault; readonly downtime: number }
  | { readonly wire: Fault; readonly resumeAfter: number | undefined }
);

/** What a fault is called in the figures. */
export function nameOf(fault: ScheduledFault): string {
  if ('server' in fault) return fault.server;
  const { wire } = fault;
  return wire.kind === 'cut' ? (wire.how ?? 'fin') : wire.kind;
}

/** From one fault of a kind to the next, in ms. */
const wireEvery = 250;
const killEvery = 2_000;
const crashEvery = 5_000;
/** The server's faults need their time: a crash its recovery, a promotion a new standby. */
const promoteEvery = 15_000;
/** The end of a run is left in peace, so that what was begun can be finished. */
const quietFrom = 0.9;

/** Weighted: COMMIT is where it matters. */
const triggers: readonly Trigger[] = [
  'COMMIT',
  'COMMIT',
  'COMMIT',
  'statement',
  'BEGIN',
  { matches: 'INSERT INTO' },
  { matches: 'UPDATE' },
];

/** Of twenty faults of the wire. A black hole holds its locks for a second, and whoever wants them waits. */
const deck = [
  ...Array<'fin'>(8).fill('fin'),
  ...Array<'rst'>(8).fill('rst'),
  ...Array<'stall'>(3).fill('stall'),
  'blackHole' as const,
];

/** The faults of one run, in order of time. */
export function schedule(seed: number, ms: number): readonly ScheduledFault[] {
  const random = seededRandom(seed);
  const one = <T>(of: readonly T[]): T => of[pick(random, of.length)] as T;
  let hand: (typeof deck)[number][] = [];
  const wire = (): { readonly wire: Fault; readonly resumeAfter: number | undefined } => {
    if (hand.length === 0) hand = [...deck];
    const [kind] = hand.splice(pick(random, hand.length), 1);
    const at = one(triggers);
    if (kind === 'fin' || kind === 'rst') {
      const when = one(['before', 'after-server', 'after-answer', 'after-answer'] as const);
      return { wire: { kind: 'cut', at, when, how: kind }, resumeAfter: undefined };
    }
    const when = one(['before', 'after-server'] as const);
    if (kind === 'stall')
      return { wire: { kind, at, when }, resumeAfter: 100 + pick(random, 2_900) };
    return { wire: { kind: 'blackHole', at, when }, resumeAfter: undefined };
  };
  const end = ms * quietFrom;
  /** At least one, each somewhere in its own stretch. */
  const spread = (every: number): readonly number[] => {
    const count = Math.max(1, Math.floor(end / every));
    const stretch = end / count;
    return Array.from({ length: count }, (_, at) =>
      Math.round((at + 0.3 + random() * 0.4) * stretch),
    );
  };
  const server = (kind: ServerFault, every: number): readonly ScheduledFault[] =>
    spread(every).map((at) => ({ at, server: kind, downtime: 200 + pick(random, 400) }));
  return [
    ...server('kill-backends', killEvery),
    ...server('crash', crashEvery),
    ...server('promote', promoteEvery),
    ...spread(wireEvery).map((at) => ({ at, ...wire() })),
  ].toSorted((a, b) => a.at - b.at);
}
