/** An attempt that nobody waits for is cancelled where it runs, and how that ends is waited for. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallOptions, createStrategy, type Shot, type Verdict } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';

const bounceable: Verdict = {
  kind: 'outage',
  outcome: 'rolled-back',
  connection: 'keep',
  reason: 'undone',
};

interface Held<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function held<T>(): Held<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}

/** A shot whose attempts and cancelling end when the test says so. */
function world(call: CallOptions & { readonly cushion?: false } = {}) {
  const clock = new ManualClock();
  const play = held<string>();
  const cancel = held<void>();
  const reasons: unknown[] = [];
  const aborted: unknown[] = [];
  const ends: unknown[] = [];
  const shot: Shot<string> = {
    play(attempt) {
      attempt.signal.addEventListener('abort', () => aborted.push(attempt.signal.reason));
      return attempt.attempt === 1 ? play.promise : `attempt ${attempt.attempt}`;
    },
    cancel(reason) {
      reasons.push(reason);
      return cancel.promise;
    },
    judge: () => bounceable,
    conclude(error) {
      ends.push(error);
      return error;
    },
  };
  const { signal, ...rules } = call;
  const strategy = createStrategy({ clock, jitter: false, retries: 1, ...rules });
  const result = strategy.play(shot, signal === undefined ? undefined : { signal });
  result.catch(() => {});
  return { clock, play, cancel, reasons, aborted, ends, result };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const ways = [
  ['the attempt clock, first attempt', { attemptTimeout: 100 }],
  ['the total clock, first attempt', { timeout: 100 }],
  ['the attempt clock, with results to look at', { attemptTimeout: 100, whenResult: () => false }],
] as const;

describe.each(ways)('%s', (_name, rules) => {
  test('an attempt that succeeds while it is cancelled is a success', async () => {
    const { clock, play, cancel, reasons, aborted, result } = world(rules);
    await clock.advance(100);
    expect(reasons).toMatchObject([{ code: 'CAROM_TIMEOUT' }]);
    expect(aborted).toEqual(reasons);
    play.resolve('late, but done');
    expect(await result).toBe('late, but done');
    cancel.resolve();
    await turns();
  });

  test('nothing follows before it has ended', async () => {
    const { clock, cancel, result, ends } = world(rules);
    let over = false;
    result.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    await clock.advance(5_000);
    await turns();
    expect(over).toBe(false);
    expect(ends).toEqual([]);
    cancel.resolve();
    await turns();
    await clock.advance(5_000);
    await turns();
    expect(over).toBe(true);
  });

  test.each(['resolves', 'rejects'] as const)(
    'when cancelling %s, the attempt has failed with the reason',
    async (how) => {
      const { clock, play, cancel, result, reasons } = world({ ...rules, retries: 0 });
      await clock.advance(100);
      if (how === 'resolves') cancel.resolve();
      else cancel.reject(new Error('could not be cancelled'));
      const error = await result.catch((it: unknown) => it);
      expect(error).toBe(reasons[0]);
      play.reject(new Error('too late to be heard'));
      await turns();
    },
  );

  test("the attempt's own error is not the caller's", async () => {
    const { clock, play, result, reasons } = world({ ...rules, retries: 0 });
    await clock.advance(100);
    play.reject(new Error('cancelled on the server'));
    expect(await result.catch((it: unknown) => it)).toBe(reasons[0]);
  });
});

test('an attempt that succeeded while it was cancelled is over: nothing of it is played again, or ends another', async () => {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, jitter: false, retries: 1, attemptTimeout: 100 });
  const [cancel, early, late] = [held<void>(), held<string>(), held<string>()];
  const plays: string[] = [];
  const shot = (name: string, promise: Promise<string>): Shot<string> => ({
    play() {
      plays.push(name);
      return promise;
    },
    cancel: () => cancel.promise,
  });
  const first = strategy.play(shot('first', early.promise));
  await clock.advance(50);
  const second = strategy.play(shot('second', new Promise(() => {})));
  second.catch(() => {});
  await clock.advance(50);
  early.resolve('late, but done');
  expect(await first).toBe('late, but done');
  const third = strategy.play(shot('third', late.promise));
  // The clock of the second is still running, and ends it.
  await clock.advance(50);
  cancel.resolve();
  await turns();
  await clock.advance(40);
  late.resolve('in time');
  expect(await third).toBe('in time');
  await clock.advance(1_000);
  expect(plays).toEqual(['first', 'second', 'third', 'second']);
  await expect(second).rejects.toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'attempt' });
});

test('an attempt that was cancelled by its clock is played again', async () => {
  const { clock, play, result } = world({ attemptTimeout: 100 });
  await clock.advance(100);
  play.reject(new Error('cancelled on the server'));
  await turns();
  await clock.advance(1_000);
  expect(await result).toBe('attempt 2');
});

test("the caller's abort is cancelled too, and waits", async () => {
  const controller = new AbortController();
  const { cancel, result, reasons } = world({ signal: controller.signal });
  const reason = new Error('enough');
  controller.abort(reason);
  await turns();
  expect(reasons).toEqual([reason]);
  cancel.resolve();
  expect(await result.catch((it: unknown) => it)).toBe(reason);
});

test('what cannot be cancelled ends at once', async () => {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, retries: 0, attemptTimeout: 100 });
  const cancel = (): never => {
    throw new Error('no way');
  };
  const play = (): Promise<never> => new Promise(() => {});
  const results = [strategy.play({ play }), strategy.play({ play, cancel })];
  for (const result of results) result.catch(() => {});
  await clock.advance(100);
  for (const result of results) await expect(result).rejects.toMatchObject({ scope: 'attempt' });
});

test("it is cancelled in the caller's async context", async () => {
  const clock = new ManualClock();
  const context = new AsyncLocalStorage<string>();
  const strategy = createStrategy({ clock, retries: 0, attemptTimeout: 100 });
  const seen: unknown[] = [];
  const shot: Shot<never> = {
    play: () => new Promise(() => {}),
    cancel() {
      seen.push(context.getStore());
      return undefined;
    },
  };
  const shots = ['a', 'b'].map((name) =>
    context.run(name, () => strategy.play(shot).catch(() => {})),
  );
  await clock.advance(100);
  await Promise.all(shots);
  expect(seen).toEqual(['a', 'b']);
});

test('a second attempt is cancelled as the first is', async () => {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, retries: 1, jitter: false, attemptTimeout: 100 });
  const cancelled: number[] = [];
  let attempts = 0;
  const result = strategy.play({
    play({ attempt }) {
      attempts = attempt;
      return attempt === 1 ? Promise.reject(new Error('down')) : new Promise(() => {});
    },
    cancel() {
      cancelled.push(attempts);
      return undefined;
    },
  });
  result.catch(() => {});
  await turns();
  await clock.advance(1_000);
  await expect(result).rejects.toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'attempt' });
  expect(cancelled).toEqual([2]);
});
