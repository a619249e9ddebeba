/** The rows of the table: what is measured, against what, and what is to be reached. */

/** The peers, in the order of the table. */
export const peers = ['cockatiel', 'opossum', 'mollitia', 'p-retry', 'async-retry'] as const;

/** A library that is compared with Carom. */
export type Peer = (typeof peers)[number];

/** What the rows are measured against: the same work with nothing around it. */
export type BaseName = 'bare' | 'hand' | 'call' | 'nothing' | 'unheard';

/**
 * A figure that must not be above its limit; `times` not below it: the peer's time through Carom's.
 * `ratio` and `over` compare with the base: times its time, and ns above it. Bytes, promises and
 * ticks are those above the base.
 */
export type Target =
  | { readonly figure: Figure; readonly limit: number }
  | { readonly figure: 'times'; readonly peer: Peer; readonly limit: number };

/** A figure of Carom itself. */
export type Figure = 'ratio' | 'over' | 'bytes' | 'promises' | 'ticks';

/** One row. */
export interface Row {
  readonly what: string;
  readonly base: BaseName;
  readonly reach: readonly Target[];
}

export type RowName =
  | 'success'
  | 'clocked'
  | 'all'
  | 'permit'
  | 'sync'
  | 'refused'
  | 'rejected'
  | 'transition'
  | 'listeners'
  | 'fail-once';

/** What each base is, for the table. */
export const bases: Readonly<Record<BaseName, string>> = {
  bare: 'a bare `await fn()`',
  hand: 'try/catch written by hand',
  call: 'a direct call',
  nothing: 'an empty loop',
  unheard: 'the same without a listener ever',
};

export const rows: Readonly<Record<RowName, Row>> = {
  success: {
    what: 'retry + cushion, success',
    base: 'bare',
    reach: [
      { figure: 'promises', limit: 1 },
      { figure: 'ticks', limit: 1 },
      { figure: 'bytes', limit: 100 },
      { figure: 'ratio', limit: 2 },
      { figure: 'times', peer: 'cockatiel', limit: 10 },
      { figure: 'times', peer: 'opossum', limit: 7 },
    ],
  },
  clocked: {
    what: 'the same with a real attempt timeout',
    base: 'bare',
    reach: [
      { figure: 'ratio', limit: 4 },
      { figure: 'bytes', limit: 320 },
      { figure: 'times', peer: 'cockatiel', limit: 50 },
    ],
  },
  all: {
    what: 'all policies at once',
    base: 'bare',
    // One for the shot and one for the clock that may end it early; none for a policy.
    reach: [{ figure: 'promises', limit: 2 }],
  },
  permit: {
    what: 'the permit path of the adapters',
    base: 'bare',
    reach: [
      { figure: 'bytes', limit: 0 },
      { figure: 'promises', limit: 0 },
      { figure: 'ratio', limit: 1.15 },
    ],
  },
  sync: {
    what: 'sync shot, closed cushion',
    base: 'call',
    reach: [
      { figure: 'over', limit: 10 },
      { figure: 'bytes', limit: 0 },
    ],
  },
  refused: {
    what: 'open cushion: permit refused',
    base: 'nothing',
    reach: [{ figure: 'over', limit: 5 }],
  },
  rejected: {
    what: 'open cushion: awaited rejection',
    base: 'bare',
    reach: [
      { figure: 'ratio', limit: 20 },
      { figure: 'times', peer: 'cockatiel', limit: 5 },
      { figure: 'times', peer: 'opossum', limit: 5 },
    ],
  },
  transition: {
    what: 'closed, open, closed: per transition',
    base: 'nothing',
    reach: [{ figure: 'over', limit: 100 }],
  },
  listeners: {
    what: 'listeners heard once, now off',
    base: 'unheard',
    reach: [{ figure: 'over', limit: 2 }],
  },
  'fail-once': {
    what: 'fails once, retried with no delay',
    base: 'hand',
    reach: [],
  },
};

/** Every row's name, in the order of the table. */
export const rowNames: readonly RowName[] = Object.keys(rows) as RowName[];
