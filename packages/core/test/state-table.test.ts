import {
  type Circuit,
  Cushion,
  type CushionState,
  type ScoreboardEvent,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closed, type Event, type State, step } from '../src/breaker/transitions.js';
import { FakeProber } from './fake-prober.js';
import { admitted, watch } from './scenario.js';

/** A table in words: one row for each state, one column for each thing that happens to it. */
function cells(table: string): (readonly [state: string, does: string, expected: string])[] {
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const [[, ...columns] = [], ...body] = rows;
  return body.flatMap(([state = '', ...row]) => {
    expect([state, row.length]).toEqual([state, columns.length]);
    return row.map((cell, nth) => [state, columns[nth] ?? '', cell] as const);
  });
}

describe('the transitions: every state, every event', () => {
  const rules = { halfOpenAfter: 1_000, halfOpenMax: 60_000, probes: 2, probeLease: 300 };
  const now = 5_000;
  const half = (out: number, lease: number, round = 7): State => ({
    at: 'half-open',
    failed: 1,
    out,
    lease,
    round,
  });
  const states: Readonly<Record<string, State>> = {
    closed,
    'open, early': { at: 'open', until: now + 1, failed: 1 },
    'open, due': { at: 'open', until: now, failed: 1 },
    'half-open, 0 of 2': half(0, now + 1),
    'half-open, 1 of 2': half(1, now + 1),
    'half-open, 2 of 2': half(2, now + 1),
    'half-open, 0 of 2, late': half(0, now),
    'half-open, 1 of 2, late': half(1, now),
    'half-open, 2 of 2, late': half(2, now),
    isolated: { at: 'isolated' },
  };
  const events: Readonly<Record<string, Event>> = {
    trip: { type: 'trip', now, chance: 0.5 },
    knock: { type: 'knock', now },
    'probe-ok': { type: 'probe-ok' },
    'probe-failed': { type: 'probe-failed', now, chance: 0.5 },
    'probe-gone': { type: 'probe-gone' },
    answered: { type: 'answered' },
    isolate: { type: 'isolate' },
    close: { type: 'close' },
  };
  /** What the words of the table stand for; a new lease is 300 ms. */
  const nexts: Readonly<Record<string, (before: State) => State>> = {
    closed: () => closed,
    'open 1st': () => ({ at: 'open', until: now + 1_000, failed: 0 }),
    // Twice as long for each failed probe, less half of a fifth by chance.
    'open 3rd': () => ({ at: 'open', until: now + 4_000 * 0.9, failed: 2 }),
    'first in': () => half(1, now + 300, 0),
    'one in': (before) => ({ ...before, ...more(before, 1), lease: now + 300 }) as State,
    'one out': (before) => ({ ...before, ...more(before, -1) }) as State,
    'next round': () => half(1, now + 300, 8),
    isolated: () => ({ at: 'isolated' }),
  };
  const more = (before: State, n: number): object =>
    before.at === 'half-open' ? { out: before.out + n } : {};

  // `=` is the same object: nothing happened.
  const table = cells(`
    from                    | trip     | knock      | probe-ok | probe-failed | probe-gone | answered | isolate  | close
    closed                  | open 1st | =          | =        | =            | =          | =        | isolated | =
    open, early             | =        | =          | =        | =            | =          | closed   | isolated | closed
    open, due               | =        | first in   | =        | =            | =          | closed   | isolated | closed
    half-open, 0 of 2       | =        | one in     | closed   | open 3rd     | =          | =        | isolated | closed
    half-open, 1 of 2       | =        | one in     | closed   | open 3rd     | one out    | =        | isolated | closed
    half-open, 2 of 2       | =        | =          | closed   | open 3rd     | one out    | =        | isolated | closed
    half-open, 0 of 2, late | =        | one in     | closed   | open 3rd     | =          | =        | isolated | closed
    half-open, 1 of 2, late | =        | one in     | closed   | open 3rd     | one out    | =        | isolated | closed
    half-open, 2 of 2, late | =        | next round | closed   | open 3rd     | one out    | =        | isolated | closed
    isolated                | =        | =          | =        | =            | =          | =        | isolated | closed
  `);

  test('the table is whole', () => {
    expect(table).toHaveLength(Object.keys(states).length * Object.keys(events).length);
  });

  test.each(table)('%s, %s: %s', (from, does, expected) => {
    const [state, event] = [states[from], events[does]];
    if (state === undefined || event === undefined) throw new Error(`${from}, ${does}?`);
    const next = step(Object.freeze(state), event, rules);
    if (expected === '=') expect(next).toBe(state);
    else expect(next).toEqual(nexts[expected]?.(state));
  });
});

describe('a circuit: every state, everything that can be done to it', () => {
  interface Scene {
    readonly circuit: Circuit;
    readonly prober: FakeProber;
    readonly clock: ManualClock;
    /** A permit of now, if there is one, and one of an epoch that is over. */
    readonly current: number;
    readonly stale: number;
  }

  /** Three failures of ten open it for 1,000 ms; two probes, each for 500 ms. */
  async function arranged(whenOpen: 'park' | 'reject', state: string): Promise<Scene> {
    const clock = new ManualClock();
    const options = { failures: 3, lastCalls: 10, halfOpenAfter: 1_000, probes: 2, whenOpen };
    const cushion = new Cushion('a', { ...options, probeLease: 500 }, { clock, random: () => 0 });
    const { circuit } = cushion;
    const prober = new FakeProber();
    if (state.includes('probed')) circuit.probedBy(prober);
    const stale = circuit.enter();
    circuit.isolate();
    circuit.close();
    const scene = (current: number): Scene => ({ circuit, clock, stale, current, prober });
    if (state.startsWith('closed') && state !== 'closed, 2 failed') return scene(circuit.enter());
    const failed = state === 'closed, 2 failed' ? 2 : 3;
    for (let n = 0; n < failed; n++) circuit.fail(circuit.enter());
    if (failed === 2) return scene(circuit.enter());
    await clock.advance(state.startsWith('open') && state.includes('early') ? 600 : 1_000);
    if (state.startsWith('open')) return scene(0);
    if (state.startsWith('isolated')) circuit.isolate();
    if (state === 'half-open, probed') {
      circuit.probedBy(undefined);
      await clock.advance(1_000);
    }
    const probe = circuit.enter();
    if (state === 'half-open, probed') circuit.probedBy(prober);
    if (state === 'half-open, 0 out') circuit.release(probe);
    if (state === 'half-open, 2 out' || state === 'half-open, late') circuit.enter();
    if (state === 'half-open, late') await clock.advance(500);
    return scene(state === 'half-open, 0 out' ? 0 : probe);
  }

  /** How many more it would let in now; 9 is without end. */
  function room(circuit: Circuit): number {
    let count = 0;
    while (count < 9 && circuit.enter() !== 0) count += 1;
    return count;
  }

  const told: [CushionState, CushionState][] = [];
  const heard: [string, CushionState][] = [];
  const names: readonly ScoreboardEvent[] = [
    'circuitClosed',
    'circuitHalfOpened',
    'circuitIsolated',
    'circuitOpened',
  ];
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  function listen({ circuit }: Scene): void {
    told.length = 0;
    heard.length = 0;
    stops.push(circuit.onChange((state, previous) => told.push([state, previous])));
    for (const name of names) {
      const hear = ({ previous }: { previous: CushionState }): number =>
        heard.push([name, previous]);
      stops.push(scoreboard.on(name as 'circuitOpened', hear));
    }
  }
  const eventOf: Readonly<Record<CushionState, ScoreboardEvent>> = {
    closed: 'circuitClosed',
    'half-open': 'circuitHalfOpened',
    isolated: 'circuitIsolated',
    open: 'circuitOpened',
  };

  const methods: Readonly<Record<string, (scene: Scene) => unknown>> = {
    enter: ({ circuit }) => circuit.enter(),
    admit: ({ circuit }) => circuit.admit(),
    'admit 9': ({ circuit }) => circuit.admit(9),
    ok: ({ circuit, current }) => circuit.succeed(current),
    fail: ({ circuit, current }) => circuit.fail(current),
    release: ({ circuit, current }) => circuit.release(current),
    'late ok': ({ circuit, stale }) => circuit.succeed(stale),
    'late fail': ({ circuit, stale }) => circuit.fail(stale),
    'late release': ({ circuit, stale }) => circuit.release(stale),
    isolate: ({ circuit }) => circuit.isolate(),
    close: ({ circuit }) => circuit.close(),
    answered: ({ circuit }) => circuit.answered(),
    'probed by': ({ circuit, prober }) => circuit.probedBy(prober),
    'by nobody': ({ circuit }) => circuit.probedBy(undefined),
  };

  // The state after it, and in how many more it would let then; `in` is a permit, `no` the refusal or 0,
  // `-` what cannot be: there is no permit of that state. Shots without patience never wait.
  const table = cells(`
    from              | enter          | admit          | admit 9        | ok       | fail     | release     | late ok     | late fail   | late release | isolate    | close | answered | probed by | by nobody
    closed            | in closed 9    | in closed 9    | in closed 9    | closed 9 | closed 9 | closed 9    | closed 9    | closed 9    | closed 9     | isolated 0 | closed 9 | closed 9 | closed 9 | closed 9
    closed, 2 failed  | in closed 9    | in closed 9    | in closed 9    | closed 9 | open 0   | closed 9    | closed 9    | closed 9    | closed 9     | isolated 0 | closed 9 | closed 9 | closed 9 | closed 9
    open, early       | no open 0      | no open 0      | parked open    | -        | -        | -           | open 0      | open 0      | open 0       | isolated 0 | closed 9 | closed 9 | open 0 | open 0
    open, due         | in half-open 1 | in half-open 1 | in half-open 1 | -        | -        | -           | open 2      | open 2      | open 2       | isolated 0 | closed 9 | closed 9 | open 0 | open 2
    half-open, 0 out  | in half-open 1 | in half-open 1 | in half-open 1 | -        | -        | -           | half-open 2 | half-open 2 | half-open 2  | isolated 0 | closed 9 | half-open 2 | half-open 2 | half-open 2
    half-open, 1 out  | in half-open 0 | in half-open 0 | in half-open 0 | closed 9 | open 0   | half-open 2 | half-open 1 | half-open 1 | half-open 1  | isolated 0 | closed 9 | half-open 1 | half-open 1 | half-open 1
    half-open, 2 out  | no half-open 0 | no half-open 0 | parked half-open | closed 9 | open 0 | half-open 1 | half-open 0 | half-open 0 | half-open 0  | isolated 0 | closed 9 | half-open 0 | half-open 0 | half-open 0
    half-open, late   | in half-open 1 | in half-open 1 | in half-open 1 | closed 9 | open 0   | half-open 1 | half-open 2 | half-open 2 | half-open 2  | isolated 0 | closed 9 | half-open 2 | half-open 2 | half-open 2
    isolated          | no isolated 0  | no isolated 0  | no isolated 0  | -        | -        | -           | isolated 0  | isolated 0  | isolated 0   | isolated 0 | closed 9 | isolated 0 | isolated 0 | isolated 0
    closed, probed | in closed 9 | in closed 9 | in closed 9 | closed 9 | closed 9 | closed 9 | closed 9 | closed 9 | closed 9 | isolated 0 | closed 9 | closed 9 | closed 9 | closed 9
    open early, probed | no open 0 | no open 0 | parked open | - | - | - | open 0 | open 0 | open 0 | isolated 0 | closed 9 | closed 9 | open 0 | open 0
    open due, probed | no open 0 | no open 0 | parked open | - | - | - | open 0 | open 0 | open 0 | isolated 0 | closed 9 | closed 9 | open 0 | open 2
    half-open, probed | in half-open 0 | in half-open 0 | in half-open 0 | closed 9 | open 0 | half-open 2 | half-open 1 | half-open 1 | half-open 1 | isolated 0 | closed 9 | half-open 1 | half-open 1 | half-open 1
    isolated, probed | no isolated 0 | no isolated 0 | no isolated 0 | - | - | - | isolated 0 | isolated 0 | isolated 0 | isolated 0 | closed 9 | isolated 0 | isolated 0 | isolated 0
  `);

  test('the table is whole', () => {
    expect(table).toHaveLength(14 * Object.keys(methods).length);
  });

  const both = (['park', 'reject'] as const).flatMap((whenOpen) =>
    table.filter(([, , expected]) => expected !== '-').map((row) => [whenOpen, ...row] as const),
  );

  test.each(both)('%s: %s, %s: %s', async (whenOpen, from, does, cell) => {
    const it = await arranged(whenOpen, from);
    const { circuit, clock } = it;
    const before = circuit.state;
    // Where nobody parks, a shot with patience is refused as one without.
    const expected = whenOpen === 'reject' ? cell.replace(/^parked (.*)/, 'no $1 0') : cell;
    const words = expected.split(' ');
    const answer = words.length === 3 || words[0] === 'parked' ? words.shift() : undefined;
    const [state, places] = words;
    listen(it);
    const result = methods[does]?.(it);
    expect(circuit.state).toBe(state);
    const isProbed = (from.includes('probed') && does !== 'by nobody') || does === 'probed by';
    expect(it.prober.isAsking).toBe(isProbed && state === 'open');
    expect(told).toEqual(state === before ? [] : [[state, before]]);
    expect(heard).toEqual(state === before ? [] : [[eventOf[circuit.state], before]]);

    if (answer === 'in') {
      expect(result).toBeGreaterThan(0);
      expect(circuit.isCurrent(result as number)).toBe(true);
    } else if (answer === 'no') {
      if (does === 'enter') expect(result).toBe(0);
      else expect(result).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN', service: 'a' });
    } else if (answer === 'parked') {
      const parked = watch(result as Promise<number>);
      expect(circuit.parked).toBe(1);
      await clock.advance(9);
      expect(parked.error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    } else expect(result).toBeUndefined();

    if (places !== undefined) expect(room(circuit)).toBe(Number(places));
    expect(circuit.parked).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['closed', 0],
    ['closed, 2 failed', 0],
    ['open, early', 400],
    ['open, due', 0],
    ['half-open, 0 out', 0],
    ['half-open, 1 out', 0],
    ['half-open, 2 out', 500],
    ['half-open, late', 0],
    ['isolated', Number.POSITIVE_INFINITY],
  ])('%s: asking again makes sense in %d ms', async (from, retryAfter) => {
    const { circuit, current, stale } = await arranged('park', from);
    expect(circuit.retryAfter).toBe(retryAfter);
    expect(circuit.isCurrent(stale)).toBe(false);
    if (current !== 0) expect(circuit.isCurrent(current)).toBe(true);
  });

  // Who waits is let in, goes on waiting, or is sent away: at once, or when the time has come.
  test.each<[from: string, does: string, then: string]>([
    ['open, early', 'late ok', 'waits until 400'],
    ['open, early', 'late fail', 'waits until 400'],
    ['open, early', 'late release', 'waits until 400'],
    ['open, early', 'enter', 'waits until 400'],
    ['open, early', 'isolate', 'sent away'],
    ['open, early', 'close', 'in'],
    ['half-open, 2 out', 'late ok', 'waits until 500'],
    ['half-open, 2 out', 'late fail', 'waits until 500'],
    ['half-open, 2 out', 'late release', 'waits until 500'],
    ['half-open, 2 out', 'enter', 'waits until 500'],
    ['half-open, 2 out', 'ok', 'in'],
    ['half-open, 2 out', 'fail', 'waits until 2000'],
    ['half-open, 2 out', 'release', 'in'],
    ['half-open, 2 out', 'isolate', 'sent away'],
    ['half-open, 2 out', 'close', 'in'],
  ])('somebody waits; %s, %s: %s', async (from, does, then) => {
    const it = await arranged('park', from);
    const { circuit, clock } = it;
    const parked = watch(admitted(circuit, 60_000));
    await clock.settle();
    expect(parked.state).toBe('pending');
    methods[does]?.(it);
    await clock.settle();
    if (then.startsWith('waits')) {
      const ms = Number(then.split(' ').at(-1));
      await clock.advance(ms - 1);
      expect(parked.state).toBe('pending');
      await clock.advance(1);
    }
    expect(parked.state).toBe(then === 'sent away' ? 'rejected' : 'fulfilled');
    if (then !== 'sent away') expect(circuit.isCurrent(parked.value ?? 0)).toBe(true);
    expect([circuit.parked, clock.pending]).toEqual([0, 0]);
  });
});
