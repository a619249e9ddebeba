/** The scenarios: what happens to the server and to the number of those who want something of it. */
import type { Millis } from '@carom/core';
import type { DatabaseEvent } from './database/events.js';
import type { Settings } from './database/players.js';
import { allWorkers, type Way } from './server.js';

/** From `at` on, until the next phase. */
export interface Phase {
  readonly at: Millis;
  readonly workers: number;
  /** What becomes of those who ask. */
  readonly way: Way;
  /** The share of jobs that fail, by chance. */
  readonly errorRate: number;
  /** Arrivals, as a multiple of the usual. */
  readonly load: number;
  /** Whether what happens now counts as «during the outage». */
  readonly trouble: boolean;
  /** What happens to a database that is written to when it begins. */
  readonly event?: DatabaseEvent;
  /** Each who comes writes one of so many rows as well. */
  readonly rows?: number;
  /** Each reads two hot rows and writes one of them, in a serializable transaction. */
  readonly isSerializable?: boolean;
  /** One of its connections is ended every so many ms, half by an administrator and half by the network. */
  readonly endsEvery?: Millis;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly phases: readonly Phase[];
  /** When the server is quite well again, for good; recovery is counted from here. `Infinity` for never. */
  readonly wellAt: Millis;
  /** Few enough come that all may wait: for the settings of an adapter, which has everybody answered. */
  readonly allWait?: boolean;
  /** It is played on a database that is written to, behind a pool. */
  readonly isWritten?: boolean;
  /** So many callers, each of whom asks again when it was answered, in place of arrivals. */
  readonly callers?: number;
  /** What Carom's clients have set of their options beside their patience. */
  readonly carom?: Settings;
  /** How long it is played; default a minute. */
  readonly lasts?: Millis;
}

type Change = Partial<Phase> & { readonly at: Millis };

const well: Phase = {
  at: 0,
  workers: allWorkers,
  way: 'open',
  errorRate: 0,
  load: 1,
  trouble: false,
};

const phase = (change: Change): Phase => ({ ...well, ...change });

const down = (at: Millis): Phase => phase({ at, workers: 0, trouble: true });

/** 75 a second: in ten seconds fewer than the 1,000 who may wait. */
const few = 0.05;

/** Ten seconds in which this becomes of everybody who asks. */
const tenSeconds = (name: string, title: string, way: Way, load = few): Scenario => ({
  name,
  title,
  phases: [
    phase({ at: 0, load }),
    phase({ at: 5_000, load, way, trouble: true }),
    phase({ at: 15_000, load }),
  ],
  wellAt: 15_000,
  allWait: true,
});

/** What becomes of connections that nobody has at the time. Before and after that there are enough shots for all places of the pool. */
const whileIdle = (name: string, title: string, event: DatabaseEvent): Scenario => ({
  name,
  title: `${title} while nobody wants one; 5 s later all are wanted at once`,
  phases: [
    phase({ at: 0, load: 1.5 }),
    phase({ at: 200, load: 0 }),
    phase({ at: 5_000, load: 0, trouble: true, event }),
    phase({ at: 10_000, load: 1.5 }),
    phase({ at: 10_200, load: few }),
  ],
  wellAt: 10_000,
  isWritten: true,
  lasts: 15_000,
});

/** What is sent is lost for ten seconds, in either direction. Each of 30 a second writes one of 50 rows. */
const blackHole = (name: string, title: string, carom: Settings): Scenario => ({
  name,
  title,
  phases: [
    phase({ at: 0, load: 0.02, rows: 50 }),
    // Some places of the pool are taken when it begins; the others hang in connecting.
    phase({ at: 4_900, load: 0.2, rows: 50 }),
    phase({ at: 5_000, load: 0.02, rows: 50, trouble: true, event: 'is swallowed' }),
    phase({ at: 15_000, load: 0.02, rows: 50, event: 'is heard again' }),
  ],
  carom,
  wellAt: 15_000,
  isWritten: true,
  lasts: 25_000,
});

export const scenarios: readonly Scenario[] = [
  {
    name: 'outage',
    title: 'Hard outage, 10 s: the server is frozen and its queue builds',
    phases: [well, down(5_000), phase({ at: 15_000 })],
    wellAt: 15_000,
  },
  {
    name: 'brownout',
    title: 'Brownout, 10 s: 12 of 20 workers, 1,200/s for 1,500/s',
    phases: [well, phase({ at: 5_000, workers: 12, trouble: true }), phase({ at: 15_000 })],
    wellAt: 15_000,
  },
  {
    name: 'errors',
    title: '30 % random errors, 10 s',
    phases: [well, phase({ at: 5_000, errorRate: 0.3, trouble: true }), phase({ at: 15_000 })],
    wellAt: 15_000,
  },
  {
    name: 'slow-recovery',
    title: 'Slow recovery: 10 s down, then 4 workers more every 2 s',
    phases: [
      well,
      down(5_000),
      phase({ at: 15_000, workers: 4 }),
      phase({ at: 17_000, workers: 8 }),
      phase({ at: 19_000, workers: 12 }),
      phase({ at: 21_000, workers: 16 }),
      phase({ at: 23_000 }),
    ],
    wellAt: 23_000,
  },
  {
    name: 'repeated',
    title: 'Three short outages: 2 s down, 2 s up',
    phases: [
      well,
      down(5_000),
      phase({ at: 7_000 }),
      down(9_000),
      phase({ at: 11_000 }),
      down(13_000),
      phase({ at: 15_000 }),
    ],
    wellAt: 15_000,
  },
  {
    name: 'herd',
    title: 'Herd: 10 s down, then twice the arrivals for 5 s (3,000/s for 2,000/s)',
    phases: [well, down(5_000), phase({ at: 15_000, load: 2 }), phase({ at: 20_000 })],
    wellAt: 15_000,
  },
  {
    name: 'steady-errors',
    title: 'Steady 30 % random errors: the cushion must not open at all',
    phases: [phase({ at: 0, errorRate: 0.3, trouble: true })],
    wellAt: Number.POSITIVE_INFINITY,
  },
  tenSeconds('refused', 'Stopped for 10 s, and back: connections are refused', 'refused'),
  tenSeconds('silent', 'Black hole for 10 s: what is sent is never answered', 'silent'),
  tenSeconds('full', 'Full for 10 s: `too many clients already`', 'full'),
  tenSeconds('hot', 'Two hot rows for 10 s: 90/s, and they bear 200/s', 'hot', 0.06),
  {
    name: 'failover',
    title: 'Failover: the primary dies, 4 s nobody is there, 6 s a standby that takes no writes',
    phases: [
      phase({ at: 0, load: few }),
      phase({ at: 4_900 }),
      phase({ at: 5_000, load: few, trouble: true, event: 'dies' }),
      phase({ at: 9_000, load: few, trouble: true, event: 'recovers' }),
      phase({ at: 15_000, load: few, event: 'is promoted' }),
    ],
    wellAt: 15_000,
    isWritten: true,
    lasts: 30_000,
  },
  {
    name: 'kills',
    title:
      'For a minute one of 8 connections is ended every 50 ms, half by 57P01 and half by a reset',
    phases: [
      phase({ at: 0, load: 0.015 }),
      phase({ at: 5_000, load: 0.015, trouble: true, endsEvery: 50 }),
      phase({ at: 65_000, load: 0.015 }),
    ],
    wellAt: 65_000,
    isWritten: true,
    lasts: 75_000,
  },
  whileIdle('idle', 'All 20 connections are ended', 'ends all'),
  whileIdle('forgotten', 'All 20 connections are forgotten by what is in between', 'is forgotten'),
  {
    name: 'deadlock',
    title: 'Two rows in either order for 10 s: 15/s, and deadlocks (40P01) found after 50 ms',
    phases: [
      phase({ at: 0, load: 0.01 }),
      phase({ at: 5_000, load: 0.01, way: 'hot', trouble: true }),
      phase({ at: 15_000, load: 0.01 }),
    ],
    wellAt: 15_000,
    isWritten: true,
    lasts: 30_000,
  },
  blackHole('black-hole', 'Network black hole for 10 s, no RST; deadline 4 s', { timeout: 4_000 }),
  blackHole('black-hole-patient', 'The same; 2 s for an attempt, and patience', {
    attemptTimeout: 2_000,
  }),
  {
    name: 'serializable',
    title: 'Serializable storm for 10 s: 20 callers read two hot rows and write one (40001)',
    phases: [
      phase({ at: 0, isSerializable: true }),
      phase({ at: 1_500, isSerializable: true, trouble: true }),
      phase({ at: 11_500 }),
    ],
    callers: 20,
    wellAt: 11_500,
    isWritten: true,
    lasts: 12_500,
  },
];
