import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Cushion,
  createStrategy,
  type ScoreboardEvent,
  type ScoreboardEvents,
  type Shot,
  type Strategy,
  type StrategyOptions,
  scoreboard,
  type VerdictKind,
} from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Compartment } from '../src/bulkhead/compartment.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import { events } from './hear.js';
import { verdict } from './scenario.js';

/** How a shot that somebody hears of is played: its first attempt the short way, or all of it the long one. */
type Way = <T>(strategy: Strategy, shot: Shot<T>) => Promise<T>;
const short: Way = (strategy, shot) => strategy.play(shot);
// Options of a call are not what the strategy was compiled for.
const long: Way = (strategy, shot) => strategy.play(shot, {});

type Step =
  | {
      readonly does: 'shoot';
      readonly fails: readonly VerdictKind[];
      readonly takes: number;
      readonly how: 'rejects' | 'throws';
    }
  | { readonly does: 'wait'; readonly ms: number };

const failures: readonly VerdictKind[] = ['outage', 'contention', 'overload', 'stale', 'permanent'];
const verdicts: ReadonlyMap<string, VerdictKind> = new Map(failures.map((kind) => [kind, kind]));

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('shoot' as const),
        fails: fc.array(fc.constantFrom('outage' as const, ...failures), { maxLength: 3 }),
        takes: fc.constantFrom(0, 0, 5, 300),
        how: fc.constantFrom('rejects' as const, 'throws' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 100, 999),
      }),
    },
  ),
  { maxLength: 25, size: 'max' },
);

type World = Pick<StrategyOptions, 'clock' | 'random'> & { readonly clock: ManualClock };
const cushion = (world: World, whenOpen: 'park' | 'reject'): Cushion =>
  new Cushion('c', { failures: 2, lastCalls: 4, halfOpenAfter: 150, whenOpen }, world);

const kinds: readonly (readonly [string, (world: World) => StrategyOptions])[] = [
  ['nothing else', () => ({})],
  ['a cushion that parks', (world) => ({ cushion: cushion(world, 'park') })],
  ['a cushion that rejects', (world) => ({ cushion: cushion(world, 'reject') })],
  [
    'gates and a budget',
    ({ clock }) => ({
      compartment: new Compartment('c', { limit: 2, maxQueued: 1 }, { clock }),
      throttle: new Throttle('t', { rate: 20, maxQueued: 2 }, { clock }),
      budget: new Budget('b', { ratio: 0.5, perSecond: 1 }, { clock }),
    }),
  ],
  ['a timeout', () => ({ timeout: 250 })],
  ['an attempt timeout', (world) => ({ attemptTimeout: 100, cushion: cushion(world, 'park') })],
];

const storage = new AsyncLocalStorage<string>();

/** All that is told of each shot, in its order; and what is told of none. */
async function told(
  script: readonly Step[],
  optionsOf: (world: World) => StrategyOptions,
  { play, around }: { readonly play: Way; readonly around: boolean },
): Promise<ReadonlyMap<number | 'no shot', readonly unknown[]>> {
  const clock = new ManualClock(1_000);
  const world = { clock, random: seededRandom(7) };
  const strategy = createStrategy({ ...world, patience: 2_000, ...optionsOf(world) });
  const streams = new Map<number | 'no shot', unknown[]>();
  let first: number | undefined;
  const note = (id: number | 'no shot', ...what: readonly unknown[]): void => {
    streams.set(id, [...(streams.get(id) ?? []), [clock.now(), ...what]]);
  };
  const heard = (name: string, told: ScoreboardEvents[ScoreboardEvent]): void => {
    expect(Object.isFrozen(told)).toBe(true);
    const id = 'id' in told ? told.id : undefined;
    if (id !== undefined) first ??= id;
    const error = 'error' in told ? (told.error as Error | undefined)?.message : 'none';
    const own = id === undefined ? 'no shot' : id - (first ?? 0);
    note(own, name, Object.entries({ ...told, id: own, error }), storage.getStore());
  };
  const stops = events.map((event) => scoreboard.on(event, (it) => heard(event, it)));
  if (around) {
    stops.push(
      scoreboard.around((event, go) => {
        heard('around', event as never);
        storage.run('around', go);
      }),
    );
  }
  let shots = 0;
  for (const step of script) {
    if (step.does === 'wait') await clock.advance(step.ms);
    else {
      const own = shots;
      shots += 1;
      const { fails, takes, how } = step;
      let phase = 'none';
      const end = (attempt: number): string => {
        phase = `end of ${attempt}`;
        const failure = fails[attempt - 1];
        if (failure !== undefined) throw new Error(failure);
        return `${own} done`;
      };
      const shot: Shot<string> = {
        name: `shot ${own}`,
        play: ({ attempt, abandonable }) => {
          note(own, 'attempt', attempt, abandonable, storage.getStore());
          phase = `begin of ${attempt}`;
          if (how === 'throws' && takes === 0) return end(attempt);
          return new Promise<void>((resolve) => void clock.after(takes, resolve)).then(() =>
            end(attempt),
          );
        },
        phase: () => phase,
        judge: (error) => verdict(verdicts.get((error as Error).message) ?? 'outage'),
      };
      storage
        .run(`caller ${own}`, () => play(strategy, shot))
        .then(
          (value) => note(own, value),
          (error: Error) => note(own, error.message),
        );
      await clock.settle();
    }
  }
  await clock.advance(3_600_000);
  for (const stop of stops) stop();
  return streams;
}

test.each(kinds)(
  'a first attempt that is heard tells what the long way does, with %s',
  async (_, optionsOf) => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (script, around) => {
        const expected = await told(script, optionsOf, { play: long, around });
        expect(await told(script, optionsOf, { play: short, around })).toEqual(expected);
        for (const stream of expected.values()) seen += stream.length;
      }),
      { numRuns: 60 },
    );
    expect(seen).toBeGreaterThan(1_000);
  },
);
