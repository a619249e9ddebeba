/** The turns of those who met contention: two at a time, in order, and nobody can hold the others up. */
import { Budget, Cushion, createStrategy, scoreboard } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Turns } from '../src/retry/turns.js';
import { caught, failing, verdict, watch } from './scenario.js';

const contender = (patience = 1_000, leaving?: AbortSignal) => ({ patience, leaving, waited: 0 });
const contention = new Error('contention');

/** Turns of which one is somebody's all the time. */
async function oneLeft(longest: number) {
  const clock = new ManualClock();
  const turns = new Turns(clock, longest);
  await turns.take(contender());
  return { clock, turns };
}

describe('Turns', () => {
  test('the first two have theirs at once; the others as those before are over, in their order', async () => {
    const clock = new ManualClock();
    const turns = new Turns(clock, 100);
    const takers = [1, 2, 3, 4].map(() => watch(turns.take(contender())));
    const taken = () => takers.map(({ value }) => value);
    await clock.settle();
    expect(taken()).toEqual([1, 2, undefined, undefined]);
    turns.giveBack(2);
    await clock.settle();
    expect(taken()).toEqual([1, 2, 3, undefined]);
    turns.giveBack(1);
    await clock.settle();
    expect(taken()).toEqual([1, 2, 3, 4]);
    expect(turns.isTaken).toBe(true);
    turns.giveBack(3);
    expect(turns.isTaken).toBe(false);
    expect(await turns.take(contender())).toBeGreaterThan(4);
    expect(clock.pending).toBe(0);
  });

  test('where they last too long the older one passes on, and gives nothing back that is not its own', async () => {
    const clock = new ManualClock();
    const turns = new Turns(clock, 100);
    const slow = await turns.take(contender());
    await turns.take(contender());
    const [third, fourth] = [3, 4].map(() => watch(turns.take(contender())));
    await clock.advance(99);
    expect([third?.value, fourth?.value]).toEqual([undefined, undefined]);
    await clock.advance(1);
    expect([third?.value, fourth?.value]).toEqual([3, undefined]);
    turns.giveBack(slow);
    turns.giveBack(0);
    turns.giveBack(undefined);
    await clock.settle();
    expect(fourth?.state).toBe('pending');
    await clock.advance(100);
    expect(fourth?.value).toBe(4);
    // Nobody waits any more.
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    turns.giveBack(3);
    expect(await turns.take(contender())).toBeGreaterThan(4);
  });

  test('the wait is noted, and nothing where there is none', async () => {
    const clock = new ManualClock(5_000);
    const turns = new Turns(clock, 100);
    const all = [contender(), contender(), contender(), contender(30)];
    for (const one of all) watch(turns.take(one));
    await clock.advance(40);
    turns.giveBack(1);
    await clock.settle();
    expect(all.map(({ waited }) => waited)).toEqual([0, 0, 40, 30]);
  });

  test('once the last one has left the queue, nothing is timed any more', async () => {
    const { clock, turns } = await oneLeft(100);
    await turns.take(contender());
    const impatient = watch(turns.take(contender(10)));
    await clock.advance(10);
    expect([impatient.value, clock.pending]).toEqual([0, 0]);
  });

  test('whose patience ends has no turn, and whoever aborts is out of the queue', async () => {
    const { clock, turns } = await oneLeft(Number.POSITIVE_INFINITY);
    const first = await turns.take(contender());
    const impatient = watch(turns.take(contender(10)));
    const controller = new AbortController();
    const leaving = watch(turns.take(contender(1_000, controller.signal)));
    const next = watch(turns.take(contender()));
    await clock.advance(10);
    expect(impatient.value).toBe(0);
    controller.abort('enough');
    await clock.settle();
    expect(leaving.error).toBe('enough');
    turns.giveBack(first);
    await clock.settle();
    expect(next.value).toBe(first + 1);
    expect(await caught(turns.take(contender(1_000, controller.signal)))).toBe('enough');
    turns.giveBack(first + 1);
    expect(clock.pending).toBe(0);
  });
});

/** Shots whose first attempts all meet contention, on one budget. */
function crowd(count: number, { whenSpent = 'wait', patience = 10_000, perSecond = 10 } = {}) {
  const clock = new ManualClock();
  const budget = new Budget('a', { whenSpent: whenSpent as 'wait', perSecond }, { clock });
  const classify = (error: unknown) => verdict(error === contention ? 'contention' : 'outage');
  const strategy = createStrategy({ clock, budget, classify, patience, random: () => 0 });
  /** How many are at work now, and the ways to end each. */
  const atWork = new Map<number, (error?: Error) => void>();
  const play = (name: number, signal?: AbortSignal) =>
    watch(
      strategy.shot(
        ({ attempt }) =>
          attempt === 1
            ? Promise.reject(contention)
            : new Promise<number>((resolve, reject) => {
                atWork.set(name, (error) => {
                  atWork.delete(name);
                  if (error === undefined) resolve(name);
                  else reject(error);
                });
              }),
        signal === undefined ? {} : { signal },
      ),
    );
  const shots = Array.from({ length: count }, (_, name) => play(name));
  return { clock, budget, strategy, atWork, shots, play };
}

describe('after contention', () => {
  test('two are played again at a time, whatever became of those before', async () => {
    const { clock, atWork, shots } = crowd(4);
    await clock.settle();
    expect([...atWork.keys()]).toEqual([0, 1]);
    atWork.get(0)?.();
    await clock.settle();
    expect([...atWork.keys()]).toEqual([1, 2]);
    // Who meets it again comes after those who wait.
    atWork.get(1)?.(contention);
    await clock.settle();
    expect([...atWork.keys()]).toEqual([2, 3]);
    atWork.get(3)?.();
    await clock.settle();
    expect([...atWork.keys()]).toEqual([2, 1]);
    atWork.get(1)?.();
    atWork.get(2)?.();
    await clock.settle();
    expect(shots.map(({ value }) => value)).toEqual([0, 1, 2, 3]);
    expect(clock.pending).toBe(0);
  });

  test('work that is slow holds the others up for no longer than the budget would', async () => {
    const { clock, atWork } = crowd(5, { perSecond: 5 });
    await clock.settle();
    for (const [ms, playing] of [
      [0, 2],
      [199, 2],
      [1, 3],
      [200, 4],
      [200, 5],
    ] as const) {
      await clock.advance(ms);
      expect(atWork.size).toBe(playing);
    }
  });

  test('the wait for a turn is paid for by the patience, and the last of it is played', async () => {
    const { clock, atWork, shots } = crowd(3, { patience: 50 });
    await clock.advance(49);
    expect(atWork.size).toBe(2);
    await clock.advance(1);
    expect(atWork.size).toBe(3);
    atWork.get(2)?.(contention);
    await clock.settle();
    expect(shots[2]?.error).toBe(contention);
  });

  test('one that is aborted in its turn, or before, keeps nobody from theirs', async () => {
    const { clock, budget, atWork, play } = crowd(1);
    const controller = new AbortController();
    await clock.settle();
    // The other turn is somebody's all the time.
    await budget.turns?.take(contender());
    const waiting = play(1, controller.signal);
    const next = play(2);
    await clock.settle();
    controller.abort();
    await clock.settle();
    expect([waiting.state, next.state, [...atWork.keys()]]).toEqual(['rejected', 'pending', [0]]);
    const inTurn = new AbortController();
    play(3, inTurn.signal);
    atWork.get(0)?.();
    await clock.settle();
    atWork.get(2)?.();
    await clock.settle();
    expect([...atWork.keys()]).toEqual([3]);
    play(4);
    await clock.settle();
    inTurn.abort();
    await clock.settle();
    expect([...atWork.keys()]).toEqual([3, 4]);
  });

  test('one that is not let in after all gives its turn back', async () => {
    const clock = new ManualClock();
    const budget = new Budget('a', { whenSpent: 'wait', perSecond: 0 }, { clock });
    const cushion = new Cushion('a', { whenOpen: 'reject' }, { clock });
    const classify = () => verdict('contention');
    const strategy = createStrategy({ clock, budget, cushion, classify, random: () => 0 });
    const refused = async (): Promise<never> => {
      cushion.isolate();
      throw contention;
    };
    expect(await caught(strategy.shot(refused))).toBe(contention);
    const next = watch(budget.turns?.take(contender()) ?? Promise.reject());
    await clock.settle();
    expect(next.value).toBeGreaterThan(0);
  });

  test('a budget that stops counts contention, and has no turns', async () => {
    const { clock, budget, atWork } = crowd(3, { whenSpent: 'stop' });
    await clock.settle();
    expect(atWork.size).toBe(3);
    expect(budget.turns).toBeUndefined();
    expect(budget.available(0, 'contention')).toBe(7);
  });

  test('an outage takes no turn', async () => {
    const { clock, atWork, strategy } = crowd(1);
    await clock.settle();
    expect(atWork.size).toBe(1);
    const shot = watch(strategy.shot(failing([new Error('gone')], 'back'), { baseDelay: 0 }));
    await clock.settle();
    expect(shot.value).toBe('back');
  });

  test('nobody is told of what is left of a budget that does not count it', async () => {
    const left: unknown[] = [];
    const stop = scoreboard.on('shotRetry', ({ budgetLeft }) => left.push(budgetLeft));
    for (const whenSpent of ['wait', 'stop']) await crowd(1, { whenSpent }).clock.settle();
    stop();
    expect(left).toEqual([undefined, 9]);
  });
});
