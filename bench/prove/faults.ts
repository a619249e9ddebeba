/** The faults of the proof: how things break, at which point of a unit of work, and which level can know what came of it. */
import type { Millis } from '@carom/core';
import type { Fault, Trigger } from '@carom/testing';

/**
 * Where a unit of work is hit. Carom alone has a `ticket`, by which it asks for the transaction's id or puts its token in,
 * a `question`, by which it asks about a COMMIT that was lost, and a `second commit`: that with which it makes sure of the
 * answer, or of the unit that is played again. For the last two the COMMIT is lost first, by a fault that is not counted.
 */
export const points = [
  ...(['connect', 'begin', 'statement', 'ticket'] as const),
  ...(['commit', 'question', 'second commit'] as const),
] as const;
export type Point = (typeof points)[number];

/** Before the server has the message, once it has it, or when it has answered. */
export const moments = ['before', 'after-server', 'after-answer'] as const;
export type Moment = (typeof moments)[number];

/** What one connection suffers. */
export const wireFaults = ['FIN', 'RST', 'stall', 'black hole', 'backend killed'] as const;

/** What the server suffers, with every connection to it. */
export const serverFaults = [
  'immediate stop',
  'crash and xid reuse',
  'sync-rep wait, cut off',
  'sync-rep wait, backend killed',
  'synchronous standby promoted',
  'lagging synchronous standby promoted',
  'asynchronous standby promoted',
] as const;
export type ServerFault = (typeof serverFaults)[number];

export type FaultName = (typeof wireFaults)[number] | ServerFault;
export const allFaults: readonly FaultName[] = [...wireFaults, ...serverFaults];

/** One hit: what, where and when. */
export interface Hit {
  readonly fault: FaultName;
  readonly point: Point;
  readonly moment: Moment;
  /** How long silence lasts, at most. */
  readonly lasts: Millis;
  /** How the COMMIT was lost that is asked about: before the server had it, or after. */
  readonly loss?: 'before' | 'after-server';
}

/** With these an id alone no longer says which transaction it was: it may have been given twice. */
const newIncarnation: ReadonlySet<FaultName> = new Set<FaultName>([
  'immediate stop',
  'crash and xid reuse',
  'synchronous standby promoted',
  'lagging synchronous standby promoted',
  'asynchronous standby promoted',
]);

/** Whether a level can know what came of a unit that was hit so. Before COMMIT is sent, there is nothing to know. */
export function canKnow(level: 'xid' | 'fence', { fault, point }: Pick<Hit, 'fault' | 'point'>) {
  return level === 'fence' || point !== 'commit' || !newIncarnation.has(fault);
}

/** How long each silence lasts: a hiccup, longer than an attempt may take, until the system gives the connection up. */
const lengths: Readonly<Partial<Record<FaultName, readonly Millis[]>>> = {
  stall: [30, 700],
  'black hole': [700],
};

/** Only what cuts can wait for an answer; a connect has none, and no backend yet that could be killed. */
function canBe({ fault, point, moment }: Omit<Hit, 'lasts'>): boolean {
  if (moment === 'after-answer' && fault !== 'FIN' && fault !== 'RST') return false;
  return point !== 'connect' || (moment === 'before' && fault !== 'backend killed');
}

/** All hits that one connection can suffer. */
export const wireHits: readonly Hit[] = wireFaults.flatMap((fault) =>
  points.flatMap((point) =>
    moments
      .filter((moment) => canBe({ fault, point, moment }))
      .flatMap((moment) =>
        (lengths[fault] ?? [0]).map((lasts) => ({ fault, point, moment, lasts })),
      ),
  ),
);

type Hold = readonly [point: Point, moment: Moment];

/** Where units are held while their server suffers; the most telling first. */
const everywhere: readonly Hold[] = [
  ['commit', 'after-server'],
  ['commit', 'before'],
  ['statement', 'after-server'],
  ['statement', 'before'],
  ['begin', 'after-server'],
  ['begin', 'before'],
];

const holds: Readonly<Partial<Record<ServerFault, readonly Hold[]>>> = {
  // Where there is an id, and nothing that would have it written down.
  'crash and xid reuse': [
    ['commit', 'before'],
    ['statement', 'after-server'],
  ],
  // COMMIT is what waits for the standby that lags.
  'lagging synchronous standby promoted': [['commit', 'before']],
};

/** All hits by what the server suffers. */
export function serverHits(fault: ServerFault): readonly Hit[] {
  return (holds[fault] ?? everywhere).map(([point, moment]) => ({
    ...{ fault, point, moment, lasts: 0 },
  }));
}

const triggers: Readonly<Record<Point, Trigger>> = {
  connect: 'connect',
  begin: 'BEGIN',
  statement: { matches: /insert into .*\b(?:marks|tags)\b/i },
  ticket: { matches: /pg_current_xact_id_if_assigned|commit_tokens DEFAULT VALUES/ },
  commit: 'COMMIT',
  question: { matches: /pg_xact_status|INTO carom\.commit_tokens \(token/ },
  'second commit': 'COMMIT',
};

/** Only Carom sends what is hit there. */
export const isOwn = (point: Point): boolean => point === 'ticket' || asks(point);

/** Carom only gets there when a COMMIT was lost. */
export const asks = (point: Point): boolean => point === 'question' || point === 'second commit';

/**
 * The proxy's fault for a hit.
 * @param single whether the unit is one autocommit statement, which is its own BEGIN and COMMIT.
 */
export function proxyFault({ fault, point, moment }: Hit, single: boolean): Fault {
  const at = triggers[single && point !== 'connect' ? 'statement' : point];
  const side = moment === 'after-answer' ? 'after-server' : moment;
  if (fault === 'FIN') return { kind: 'cut', how: 'fin', at, when: moment };
  if (fault === 'RST') return { kind: 'cut', how: 'rst', at, when: moment };
  if (fault === 'black hole') return { kind: 'blackHole', at, when: side };
  // The rest strikes while the connection is held there.
  return { kind: 'stall', at, when: side };
}

/** What makes Carom ask: COMMIT is lost. */
export const lostCommit = ({ loss = 'after-server' }: Hit): Fault => ({
  ...{ kind: 'cut', how: 'fin', at: 'COMMIT', when: loss },
});
