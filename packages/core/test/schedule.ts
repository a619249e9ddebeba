/** What fast-check draws for a schedule: the settings of a strategy, and what happens to it then. */
import type {
  CallOptions,
  CushionOptions,
  FailedOutcome,
  Millis,
  StrategyOptions,
  VerdictKind,
} from '@carom/core';
import fc from 'fast-check';
import type { CompartmentOptions } from '../src/bulkhead/compartment.js';
import type { ThrottleOptions } from '../src/rate-limit/throttle.js';
import type { BudgetOptions } from '../src/retry/budget.js';

/** What comes of one attempt. */
export interface Answer {
  /** `poor` is a result that `whenResult`, where there is one, does not take for success; it throws at `odd`. */
  readonly what: 'success' | 'poor' | 'odd' | 'hang' | VerdictKind;
  readonly outcome: FailedOutcome;
  /** How long it takes; at 0 it comes in the same turn. */
  readonly after: Millis;
  /** `sync` returns or throws before there is a promise; `thenable` settles four times over. */
  readonly form: 'sync' | 'promise' | 'thenable';
  /** The attempt begins by aborting all other shots. */
  readonly abortsOthers: boolean;
}

/** How a bad connection is thrown away. */
export interface Discard {
  readonly after: Millis;
  readonly fails: boolean;
}

/** One shot. */
export interface Call {
  /** Of one attempt after the other; what comes later succeeds at once. */
  readonly answers: readonly Answer[];
  /** Whether the action takes its attempt, and looks at the signal. */
  readonly looks: boolean;
  /** Played as adapters do: with a judgement of its own on what may be repeated. */
  readonly adapter: { readonly repeatable: boolean; readonly discard: Discard | undefined } | false;
  readonly signal: 'none' | 'own' | 'aborted';
  readonly options: Pick<CallOptions, 'retries' | 'timeout' | 'attemptTimeout' | 'patience'>;
}

export type Step =
  | { readonly does: 'shot' | 'shotSync'; readonly call: Call }
  | { readonly does: 'abort'; readonly nth: number }
  /** One of the attempts that hang has its answer, in time or long after. */
  | { readonly does: 'answer'; readonly nth: number; readonly answer: Answer }
  | { readonly does: 'advance'; readonly ms: Millis }
  /** The thread is blocked: time goes by, and no timer fires, perhaps until the cushion was closed. */
  | { readonly does: 'block'; readonly ms: Millis; readonly close: boolean }
  | { readonly does: 'isolate' | 'close' };

/** The settings of a strategy. */
export interface Settings {
  readonly options: Pick<
    StrategyOptions,
    'retries' | 'baseDelay' | 'maxDelay' | 'jitter' | 'patience' | 'timeout' | 'attemptTimeout'
  >;
  readonly cushion: CushionOptions | undefined;
  readonly compartment: CompartmentOptions | undefined;
  readonly throttle: ThrottleOptions | undefined;
  readonly budget: BudgetOptions | undefined;
  readonly whenResult: boolean;
  /** Nothing blocks the thread, so that every timer is in time. */
  readonly smooth: boolean;
  /** What a listener does whenever the cushion opens. */
  readonly onOpen: 'nothing' | 'throw' | 'close' | 'isolate' | 'shoot';
  /** Somebody listens to every shot: nothing goes the fast path. */
  readonly heard: boolean;
  readonly seed: number;
}

/** Given once in `of` times. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, of: number = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { weight: 1, arbitrary },
    { weight: of - 1, arbitrary: fc.constant(undefined) as fc.Arbitrary<undefined> },
  );
const ms = (...values: readonly Millis[]): fc.Arbitrary<Millis> => fc.constantFrom(...values);

const answer: fc.Arbitrary<Answer> = fc.record({
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Answer['what']>('success', 'outage', 'outage') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Answer['what']>(
        'poor',
        'odd',
        'hang',
        'contention',
        'overload',
        'stale',
        'permanent',
        'cancelled',
      ),
    },
  ),
  outcome: fc.constantFrom<FailedOutcome>('not-executed', 'rolled-back', 'unknown'),
  after: ms(0, 0, 5, 20, 100, 300),
  form: fc.constantFrom('sync', 'promise', 'thenable'),
  abortsOthers: fc.integer({ min: 1, max: 40 }).map((n) => n === 40),
});

const call: fc.Arbitrary<Call> = fc.record({
  answers: fc.array(answer, { maxLength: 6, size: 'max' }),
  looks: fc.boolean(),
  adapter: fc.oneof(
    fc.constant<false>(false),
    fc.record({
      repeatable: fc.boolean(),
      discard: maybe(fc.record({ after: ms(0, 10, 200), fails: fc.boolean() })),
    }),
  ),
  signal: fc.constantFrom('none', 'none', 'none', 'none', 'own', 'own', 'aborted'),
  options: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc.record({
        retries: maybe(fc.nat(4)),
        timeout: maybe(ms(1, 30, 200), 3),
        attemptTimeout: maybe(ms(1, 20, 100), 3),
        patience: maybe(ms(0, 10, 100, 1_000), 3),
      }),
    },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('shot' as const), call }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('shotSync' as const), call }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('abort' as const), nth: fc.nat(30) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('answer' as const), nth: fc.nat(9), answer }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ does: fc.constant('advance' as const), ms: ms(1, 5, 20, 50, 100, 500) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('block' as const),
      ms: ms(5, 50, 1_000, 60_000),
      close: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'isolate' as const,
        'close' as const,
        'close' as const,
        'close' as const,
      ),
    }),
  },
);

/** Without the size fast-check would rarely go beyond ten steps. */
export const script: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  maxLength: 70,
  size: 'max',
});

const cushion: fc.Arbitrary<CushionOptions> = fc
  .record({
    window: fc.constantFrom<CushionOptions>(
      { failures: 1, lastCalls: 3 },
      { failures: 2, lastCalls: 4 },
      { ratio: 0.5, lastMs: 1_000, minimum: 2 },
    ),
    rest: fc.record({
      slowAfter: maybe(ms(20, 100), 4),
      halfOpenAfter: ms(20, 100, 400),
      halfOpenMax: ms(400, 1_000),
      probes: fc.integer({ min: 1, max: 3 }),
      probeLease: ms(10, 150),
      whenOpen: fc.constantFrom('reject' as const, 'park' as const, 'park' as const),
      maxParked: fc.constantFrom(0, 3, 20, 20),
    }),
  })
  .map(({ window, rest }) => ({ ...window, ...rest }));

export const settings: fc.Arbitrary<Settings> = fc.record({
  options: fc.record({
    retries: fc.nat(4),
    baseDelay: ms(0, 1, 10, 80),
    maxDelay: ms(80, 200),
    jitter: fc.constantFrom('decorrelated' as const, 'full' as const, 'none' as const),
    patience: maybe(ms(0, 20, 300, 5_000), 3),
    timeout: maybe(ms(50, 400), 4),
    attemptTimeout: maybe(ms(10, 150), 3),
  }),
  cushion: fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: cushion },
  ),
  compartment: maybe(fc.record({ limit: fc.integer({ min: 1, max: 3 }), maxQueued: fc.nat(4) })),
  throttle: maybe(
    fc.record({
      rate: fc.integer({ min: 1, max: 5 }),
      perMs: ms(50, 100),
      burst: fc.integer({ min: 1, max: 6 }),
      maxQueued: fc.nat(4),
    }),
    4,
  ),
  budget: maybe(
    fc.constantFrom<BudgetOptions>(
      { ratio: 0, perSecond: 5, lastMs: 1_000 },
      { ratio: 0.05, perSecond: 0, lastMs: 400 },
      { ratio: 0, perSecond: 0 },
      { ratio: 0.2, perSecond: 10, lastMs: 2_000 },
    ),
  ),
  smooth: fc.boolean(),
  // These two keep every shot off the fast path.
  onOpen: fc.constantFrom(
    'nothing',
    'nothing',
    'nothing',
    'nothing',
    'throw',
    'close',
    'isolate',
    'shoot',
  ),
  whenResult: fc.constantFrom(false, false, false, true),
  heard: fc.constantFrom(false, false, false, true),
  seed: fc.nat(10_000),
});
