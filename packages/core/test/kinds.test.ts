/** Kinds of work that meet contention: their shots take turns from the beginning, and no others do. */
import { Budget, Cushion, createStrategy, type Shot, scoreboard } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Deferred, deferred, failing, verdict, watch } from './scenario.js';

const contention = new Error('contention');

let stop = new AbortController();
afterEach(() => stop.abort());

/** Shots of one kind or of none on one budget, and what is told of them. */
function kinds({ whenSpent = 'wait' as 'wait' | 'stop', random = 0 } = {}) {
  stop = new AbortController();
  const { signal } = stop;
  const clock = new ManualClock();
  const budget = new Budget('a', { whenSpent, perSecond: 0, ratio: 1 }, { clock });
  const classify = (error: unknown) => verdict(error === contention ? 'contention' : 'permanent');
  const strategy = createStrategy({ clock, budget, classify, random: () => random, retries: 100 });
  const told: unknown[] = [];
  const listen = (): void => {
    scoreboard.on(
      'shotParked',
      ({ attempt, decision, why }) => told.push(['parked', attempt, decision, why]),
      {
        signal,
      },
    );
    scoreboard.on(
      'shotReleased',
      ({ attempt, waited, decision, why }) =>
        told.push(['released', attempt, waited, decision, why]),
      { signal },
    );
  };
  const shot = <T>(play: () => T | PromiseLike<T>, signature?: Shot<T>['signature']) =>
    watch(strategy.play({ play, signature }));
  const kind = () => 'transfer';
  /** So many attempts of the kind meet contention, and then one succeeds. */
  const heat = (attempts: number) => shot(failing(Array(attempts).fill(contention), 'done'), kind);
  /** It takes turns from now on, of which one is somebody's all the time. */
  const hot = async () => {
    heat(16);
    await clock.settle();
    await budget.turns?.take({ patience: 0, leaving: undefined, waited: 0 });
  };
  const slow = (): [Deferred<string>, ReturnType<typeof watch>] => {
    const work = deferred<string>();
    return [work, shot(() => work.promise, kind)];
  };
  return { clock, budget, strategy, told, listen, shot, kind, heat, hot, slow };
}

const share = (budget: Budget): number =>
  budget.turns?.intensity.shareOf({ signature: () => 'transfer' }) ?? 0;

describe('a kind that meets contention', () => {
  test('takes turns from the first attempt on, and others do not', async () => {
    const { clock, told, listen, shot, kind, hot, slow } = kinds();
    listen();
    await hot();
    const [first, a] = slow();
    const [second, b] = slow();
    await clock.settle();
    const others = [
      shot(() => 'none'),
      shot(
        () => 'other',
        () => 'report',
      ),
    ];
    await clock.settle();
    expect(others.map(({ value }) => value)).toEqual(['none', 'other']);
    second.resolve('b');
    await clock.settle();
    expect([a.state, b.state]).toEqual(['pending', 'pending']);
    first.resolve('a');
    await clock.settle();
    expect([a.value, b.value]).toEqual(['a', 'b']);
    expect(shot(() => 'c', kind).state).toBe('pending');
    await clock.settle();
    const why = 'others of its kind meet contention';
    expect(told).toEqual([
      ['parked', 0, 'wait', why],
      ['released', 0, 0, 'admit', 'its turn'],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('is none for what fails otherwise', async () => {
    const { clock, budget, shot, kind } = kinds();
    for (let n = 0; n < 16; n++) shot(() => Promise.reject(new Error('another')), kind);
    await clock.settle();
    expect(budget.turns?.intensity.isAny).toBe(false);
  });

  test.each([true, false])('is played at once while it meets little (heard: %s)', async (heard) => {
    const { clock, told, listen, heat, slow } = kinds();
    if (heard) listen();
    heat(8);
    await clock.settle();
    for (const [work, watched] of [slow(), slow()].reverse()) {
      work.resolve('done');
      await clock.settle();
      expect(watched.value).toBe('done');
    }
    expect(told).toEqual([]);
  });

  test('nobody who has not met it waits for longer than a second', async () => {
    const { clock, told, listen, hot, slow } = kinds();
    listen();
    await hot();
    slow();
    const [work, late] = slow();
    work.resolve('late');
    await clock.advance(999);
    expect(late.state).toBe('pending');
    await clock.advance(1);
    expect(late.value).toBe('late');
    expect(told[1]).toEqual(['released', 0, 1_000, 'admit', 'it has waited long enough']);
  });

  test('whoever is aborted while waiting is out, and was never played', async () => {
    const { clock, strategy, hot, slow, kind } = kinds();
    await hot();
    const [first] = slow();
    const controller = new AbortController();
    let played = 0;
    const play = (): number => ++played;
    const { signal } = controller;
    const waiting = watch(strategy.play({ play, signature: kind }, { signal }));
    const next = watch(strategy.play({ play, signature: kind }));
    await clock.settle();
    controller.abort('enough');
    await clock.settle();
    expect([waiting.error, next.state, played]).toEqual(['enough', 'pending', 0]);
    first.resolve('done');
    await clock.settle();
    expect([next.value, clock.pending]).toEqual([1, 0]);
  });

  test('whose waiting ends with an abort is told of as cancelled', async () => {
    const { clock, strategy, hot, slow, kind } = kinds();
    await hot();
    slow();
    const { signal } = stop;
    const failed: unknown[] = [];
    scoreboard.on('shotFailed', ({ verdict: { kind: of }, why }) => failed.push([of, why]), {
      signal,
    });
    const controller = new AbortController();
    watch(strategy.play({ play: () => 1, signature: kind }, { signal: controller.signal }));
    await clock.settle();
    controller.abort('enough');
    await clock.settle();
    expect(failed).toEqual([['cancelled', 'the caller cancelled the shot']]);
  });

  test('whoever finds the circuit open after its turn came is refused', async () => {
    const clock = new ManualClock();
    const budget = new Budget('a', { whenSpent: 'wait', perSecond: 0 }, { clock });
    const cushion = new Cushion('a', { whenOpen: 'reject' }, { clock });
    const strategy = createStrategy({ clock, budget, cushion, random: () => 0 });
    const signature = () => 'transfer';
    for (let n = 0; n < 16; n++) budget.turns?.intensity.met({ signature });
    await budget.turns?.take({ patience: 0, leaving: undefined, waited: 0 });
    const first = deferred<string>();
    watch(strategy.play({ play: () => first.promise, signature }));
    let played = 0;
    const next = watch(strategy.play({ play: () => ++played, signature }));
    await clock.settle();
    cushion.isolate();
    first.resolve('done');
    await clock.settle();
    expect(next.error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    expect(played).toBe(0);
  });

  test('the wait is paid for by the patience, and counts for the deadline', async () => {
    const { clock, strategy, hot, slow, kind } = kinds();
    await hot();
    slow();
    const shot = { play: () => 'played', signature: kind };
    const impatient = watch(strategy.play(shot, { patience: 10 }));
    const hurried = watch(strategy.play(shot, { timeout: 20 }));
    await clock.advance(10);
    expect(impatient.value).toBe('played');
    await clock.advance(10);
    expect(hurried.error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  test('successes cool it down, with and without turns, heard or not', async () => {
    const { clock, budget, listen, shot, kind, heat } = kinds();
    heat(16);
    await clock.settle();
    const hot = share(budget);
    shot(() => 'one', kind);
    await clock.settle();
    listen();
    shot(() => 'two', kind);
    await clock.settle();
    expect(hot - share(budget)).toBe(2 / 32);
  });

  test('chance decides who of it takes a turn', async () => {
    const { clock, budget, slow } = kinds({ random: 0.5 });
    const { turns } = budget;
    const transfer = { signature: () => 'transfer' };
    for (let n = 0; n < 16; n++) turns?.intensity.met(transfer);
    slow();
    slow();
    const [second, b] = slow();
    second.resolve('b');
    await clock.settle();
    expect(b.state).toBe('pending');
    while (share(budget) > 0.5) turns?.intensity.passed(transfer);
    const [third, c] = slow();
    third.resolve('c');
    await clock.settle();
    expect(c.value).toBe('c');
  });

  test('a signature that throws is none', async () => {
    const { clock, shot, heat } = kinds();
    const failingSignature = (): string => {
      throw new Error('no signature');
    };
    shot(failing([contention], 'again'), failingSignature);
    await clock.settle();
    heat(16);
    await clock.settle();
    const played = shot(() => 'played', failingSignature);
    await clock.settle();
    expect(played.value).toBe('played');
  });

  test('a budget without turns knows of no kinds', async () => {
    const { clock, heat, slow } = kinds({ whenSpent: 'stop' });
    heat(16);
    await clock.settle();
    slow();
    const [second, b] = slow();
    second.resolve('b');
    await clock.settle();
    expect(b.value).toBe('b');
  });
});
