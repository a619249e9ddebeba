import {
  type Attempt,
  Cushion,
  createStrategy,
  type FailedOutcome,
  type FailedShot,
  type Shot,
  type Verdict,
  type VerdictKind,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, failing, never, thrown, verdict, watch } from './scenario.js';

type Step = readonly [VerdictKind, FailedOutcome];

/** A shot whose attempts fail as told, and which keeps how it ended. */
function scripted(
  steps: readonly Step[],
  more: Partial<Shot<string>> = {},
): Shot<string> & { ends: FailedShot[]; errors: Error[] } {
  let judged = 0;
  const ends: FailedShot[] = [];
  const errors = steps.map(([kind, outcome], n) => new Error(`${n + 1}: ${kind}, ${outcome}`));
  return {
    ends,
    errors,
    play: failing(errors, 'done'),
    judge: () => verdict(...(steps[judged++] ?? (['cancelled', 'unknown'] as const))),
    conclude: (_, end) => void ends.push(end),
    ...more,
  };
}

describe('the outcome of a failed shot', () => {
  const rows: readonly [string, readonly Step[], FailedOutcome][] = [
    ['of one attempt', [['permanent', 'rolled-back']], 'rolled-back'],
    [
      'of the last of several',
      [
        ['outage', 'rolled-back'],
        ['permanent', 'not-executed'],
      ],
      'not-executed',
    ],
    [
      'unknown once, unknown for ever',
      [
        ['outage', 'unknown'],
        ['permanent', 'rolled-back'],
      ],
      'unknown',
    ],
    [
      'unknown in the middle',
      [
        ['outage', 'not-executed'],
        ['outage', 'unknown'],
        ['contention', 'rolled-back'],
        ['permanent', 'not-executed'],
      ],
      'unknown',
    ],
    [
      'unknown at the end',
      [
        ['outage', 'rolled-back'],
        ['permanent', 'unknown'],
      ],
      'unknown',
    ],
  ];
  test.each(rows)('%s', async (_, steps, outcome) => {
    const clock = new ManualClock();
    const shot = scripted(steps, { repeatable: () => true });
    const result = watch(createStrategy({ clock, retries: 5 }).play(shot));
    await clock.advance(60_000);
    expect(result.error).toBe(shot.errors.at(-1));
    const [kind, last] = steps.at(-1) ?? [];
    expect(shot.ends).toEqual([
      {
        outcome,
        attempts: steps.length,
        verdict: expect.objectContaining({ kind, outcome: last }),
        why: expect.any(String),
      },
    ]);
  });

  test('repeatable is asked about an unknown outcome only', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const repeatable = (): boolean => {
      asked += 1;
      return false;
    };
    const shot = scripted(
      [
        ['outage', 'rolled-back'],
        ['outage', 'unknown'],
      ],
      { repeatable },
    );
    const result = watch(createStrategy({ clock }).play(shot));
    await clock.advance(60_000);
    expect(result.error).toBe(shot.errors[1]);
    expect(asked).toBe(1);
    expect(shot.ends[0]?.why).toMatch(/twice/);
  });

  test('nothing was played: not executed, whatever the judge says of the refusal', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('a', {}, { clock });
    cushion.isolate();
    const judge = (): Verdict => verdict('outage', 'unknown');
    const isolated = scripted([], { judge });
    await caught(createStrategy({ clock, cushion }).play(isolated));
    const aborted = scripted([], { judge });
    await caught(createStrategy({ clock }).play(aborted, { signal: AbortSignal.abort() }));
    for (const { ends } of [isolated, aborted]) {
      expect(ends).toEqual([expect.objectContaining({ outcome: 'not-executed', attempts: 0 })]);
    }
  });

  test('an abort or a timeout in an attempt is judged by the shot; in a delay the last verdict holds', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const judge = (): Verdict => verdict('outage', 'unknown');
    const inAttempt = scripted([], { play: never, judge });
    const inDelay = scripted([['outage', 'rolled-back']]);
    const timedOut = scripted([], { play: never, judge, repeatable: () => false });
    const strategy = createStrategy({ clock, signal: controller.signal });
    for (const shot of [inAttempt, inDelay]) watch(strategy.play(shot));
    watch(createStrategy({ clock, timeout: 10 }).play(timedOut));
    await clock.settle();
    controller.abort();
    await clock.advance(10);
    expect(inAttempt.ends).toMatchObject([
      { outcome: 'unknown', attempts: 1, verdict: { kind: 'cancelled' } },
    ]);
    expect(inDelay.ends).toMatchObject([{ outcome: 'rolled-back', attempts: 1 }]);
    expect(timedOut.ends).toMatchObject([{ outcome: 'unknown', attempts: 1 }]);
  });

  const whys: readonly [string, Step, RegExp][] = [
    ['retries', ['outage', 'rolled-back'], /all 0 retries/],
    ['permanent', ['permanent', 'rolled-back'], /cannot help/],
    ['cancelled', ['cancelled', 'rolled-back'], /cancelled/],
  ];
  test.each(whys)('says why: %s', async (_, step, why) => {
    const shot = scripted([step]);
    await caught(createStrategy({ retries: 0 }).play(shot));
    expect(shot.ends[0]?.why).toMatch(why);
  });

  test('conclude gives the caller another error; none means the same', async () => {
    const wrapped = new Error('outcome unknown');
    const error = new Error('x');
    const play = (): Promise<never> => Promise.reject(error);
    const strategy = createStrategy({ retries: 0 });
    expect(await caught(strategy.play({ play, conclude: () => wrapped }))).toBe(wrapped);
    expect(await caught(strategy.play({ play, conclude: () => undefined }))).toBe(error);
    expect(await caught(strategy.play({ play }))).toBe(error);
  });
});

describe('discard', () => {
  test('is told of each failed attempt, after the verdict and before the next attempt', async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const steps: readonly Step[] = [
      ['outage', 'rolled-back'],
      ['permanent', 'rolled-back'],
    ];
    const shot = scripted(steps, { discard: async ({ kind }) => void log.push(`discard ${kind}`) });
    const play = shot.play;
    shot.play = (attempt: Attempt) => {
      log.push(`play ${attempt.attempt}`);
      return play(attempt);
    };
    const result = watch(
      createStrategy({ clock, onRetry: ({ attempt }) => log.push(`retry ${attempt}`) }).play(shot),
    );
    await clock.advance(60_000);
    expect(result.state).toBe('rejected');
    expect(log).toEqual(['play 1', 'discard outage', 'retry 1', 'play 2', 'discard permanent']);
  });

  test('is waited for before the next attempt', async () => {
    const clock = new ManualClock();
    let release = (): void => {};
    const discard = (): Promise<void> =>
      new Promise((resolve) => {
        release = resolve;
      });
    const play = failing([new Error('x')], 'done');
    const result = watch(createStrategy({ clock }).play({ play, discard }));
    await clock.advance(60_000);
    expect(play.calls).toBe(1);
    release();
    await clock.advance(60_000);
    expect(result.value).toBe('done');
  });
});

describe('a callback that throws hides neither the error nor the permit', () => {
  const boom = (): never => {
    throw new Error('of the callback');
  };
  const error = new Error('of the database');
  const play = (): Promise<never> => Promise.reject(error);

  const rows: readonly [string, Partial<Shot<never>>, FailedOutcome | undefined][] = [
    ['judge', { judge: boom }, 'unknown'],
    ['a judge with no verdict', { judge: () => undefined as unknown as Verdict }, 'unknown'],
    ['repeatable', { judge: () => verdict('stale', 'unknown'), repeatable: boom }, 'unknown'],
    ['discard', { judge: () => verdict('permanent', 'rolled-back'), discard: boom }, 'rolled-back'],
    [
      'discard, later',
      {
        judge: () => verdict('permanent', 'rolled-back'),
        discard: () => Promise.reject(new Error('of the callback')),
      },
      'rolled-back',
    ],
    ['conclude', { judge: () => verdict('permanent', 'rolled-back'), conclude: boom }, undefined],
  ];
  test.each(rows)('%s', async (_, callbacks, outcome) => {
    const clock = new ManualClock();
    const cushion = new Cushion(
      'a',
      { failures: 1, halfOpenAfter: 10, probeLease: 1_000 },
      { clock },
    );
    cushion.circuit.fail(cushion.circuit.enter());
    await clock.advance(10);
    const ends: FailedShot[] = [];
    const conclude = (_: unknown, end: FailedShot): void => void ends.push(end);
    const strategy = createStrategy({ clock, cushion, classify: boom });
    const result = watch(strategy.play<never>({ play, conclude, ...callbacks }));
    await clock.settle();
    expect(result.error).toBe(error);
    if (outcome !== undefined) expect(ends).toMatchObject([{ outcome, attempts: 1 }]);
    // The permit of the only probe came back: another one may enter, long before its lease ends.
    expect(cushion.circuit.enter()).not.toBe(0);
  });

  test('a throwing classifier in a probe neither opens nor closes', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('a', { failures: 1, halfOpenAfter: 10 }, { clock });
    cushion.circuit.fail(cushion.circuit.enter());
    await clock.advance(10);
    await caught(createStrategy({ clock, cushion, classify: boom }).shot(play));
    expect(cushion.state).toBe('half-open');
  });

  test('discard that throws does not stop the bounce', async () => {
    const clock = new ManualClock();
    const result = watch(
      createStrategy({ clock }).play({ play: failing([error], 'done'), discard: boom }),
    );
    await clock.advance(60_000);
    expect(result.value).toBe('done');
  });
});

test('a cushion whose settings conflict is refused when the strategy is made', () => {
  createStrategy({ cushion: Cushion.forService('conflict-at-setup', { failures: 3 }) });
  const late = Cushion.forService('conflict-at-setup', { failures: 4 });
  expect(thrown(() => createStrategy({ cushion: late }))).toMatchObject({
    code: 'CAROM_CONFLICTING_SETTINGS',
  });
});
