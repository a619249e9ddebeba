import { isCaromError } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Compartment } from '../src/bulkhead/compartment.js';
import { CompartmentFullError } from '../src/errors.js';
import { caught, thrown, type Watched, watch } from './scenario.js';

const patient = Number.POSITIVE_INFINITY;
const wait = (compartment: Compartment, patience = patient, signal?: AbortSignal): Watched<void> =>
  watch(compartment.enter(patience, signal));

describe('Compartment', () => {
  test('lets so many in at a time, and the next when one leaves', async () => {
    const compartment = new Compartment('reports', { limit: 2 });
    expect(compartment).toMatchObject({ name: 'reports', limit: 2, maxQueued: 0 });
    expect([compartment.tryEnter(), compartment.tryEnter(), compartment.tryEnter()]).toEqual([
      true,
      true,
      false,
    ]);
    expect([compartment.active, compartment.queued]).toEqual([2, 0]);
    compartment.leave();
    expect(compartment.active).toBe(1);
    await compartment.enter(0, undefined);
    expect(compartment.tryEnter()).toBe(false);
  });

  test('full: nobody waits unless that was asked for', async () => {
    const compartment = new Compartment('reports', { limit: 1 });
    compartment.tryEnter();
    const error = await caught(compartment.enter(patient, undefined));
    expect(error).toBeInstanceOf(CompartmentFullError);
    expect(isCaromError(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'CompartmentFullError',
      code: 'CAROM_COMPARTMENT_FULL',
      compartment: 'reports',
      limit: 1,
      message:
        'the compartment (bulkhead) reports is full, 1 of 1 at work and 0 waiting: nothing was sent',
    });
    expect([compartment.active, compartment.queued]).toEqual([1, 0]);
  });

  test('a bounded queue, first come first served', async () => {
    const clock = new ManualClock();
    const compartment = new Compartment('reports', { limit: 1, maxQueued: 2 }, { clock });
    await compartment.enter(0, undefined);
    const [first, second, third] = [wait(compartment), wait(compartment), wait(compartment)];
    await clock.settle();
    expect([first.state, second.state]).toEqual(['pending', 'pending']);
    expect(third.error).toMatchObject({ message: expect.stringContaining('2 waiting') });
    expect([compartment.active, compartment.queued]).toEqual([1, 2]);
    compartment.leave();
    // The place is taken already, though the one who got it has not heard of it yet.
    expect(compartment.tryEnter()).toBe(false);
    expect([compartment.active, compartment.queued]).toEqual([1, 1]);
    await clock.settle();
    expect([first.state, second.state]).toEqual(['fulfilled', 'pending']);
    compartment.leave();
    await clock.settle();
    expect(second.state).toBe('fulfilled');
    compartment.leave();
    expect([compartment.active, compartment.queued]).toEqual([0, 0]);
  });

  test('who has no patience does not wait', async () => {
    const clock = new ManualClock();
    const compartment = new Compartment('reports', { limit: 1, maxQueued: 5 }, { clock });
    compartment.tryEnter();
    const [none, little] = [wait(compartment, 0), wait(compartment, 1)];
    await clock.settle();
    expect(none.error).toBeInstanceOf(CompartmentFullError);
    expect(little.state).toBe('pending');
    expect(compartment.queued).toBe(1);
  });

  test('whose patience ends leaves the queue', async () => {
    const clock = new ManualClock();
    const compartment = new Compartment('reports', { limit: 1, maxQueued: 5 }, { clock });
    compartment.tryEnter();
    const [hasty, other] = [wait(compartment, 100), wait(compartment, 500)];
    await clock.advance(99);
    expect(hasty.state).toBe('pending');
    await clock.advance(1);
    expect(hasty.error).toBeInstanceOf(CompartmentFullError);
    expect(compartment.queued).toBe(1);
    compartment.leave();
    await clock.settle();
    expect(other.state).toBe('fulfilled');
    expect(clock.pending).toBe(0);
  });

  test('an abort ends the wait at once with its reason', async () => {
    const clock = new ManualClock();
    const compartment = new Compartment('reports', { limit: 1, maxQueued: 5 }, { clock });
    const { signal } = new AbortController();
    const controller = new AbortController();
    compartment.tryEnter();
    const [first, second] = [
      wait(compartment, 100, controller.signal),
      wait(compartment, 100, signal),
    ];
    controller.abort('stop');
    await clock.settle();
    expect(first).toEqual({ state: 'rejected', error: 'stop' });
    expect(compartment.queued).toBe(1);
    compartment.leave();
    await clock.settle();
    expect(second.state).toBe('fulfilled');
    expect(clock.pending).toBe(0);
    compartment.leave();
    // Who comes with an aborted signal takes no place, though there is one.
    expect(await caught(compartment.enter(100, controller.signal))).toBe('stop');
    expect(compartment.active).toBe(0);
  });

  test('leaving once too often makes it no larger', () => {
    const compartment = new Compartment('reports', { limit: 1 });
    compartment.leave();
    expect([compartment.tryEnter(), compartment.tryEnter()]).toEqual([true, false]);
  });

  test.each([
    ['limit', undefined, 'undefined', 'a whole number from 1'],
    ['limit', 0, '0', 'a whole number from 1'],
    ['limit', 1.5, '1.5', 'a whole number from 1'],
    ['limit', Number.NaN, 'NaN', 'a whole number from 1'],
    ['limit', Number.POSITIVE_INFINITY, 'Infinity', 'a whole number from 1'],
    ['limit', '4', '"4"', 'a whole number from 1'],
    ['maxQueued', -1, '-1', 'a whole number from 0'],
    ['maxQueued', null, 'null', 'a whole number from 0'],
    ['size', 4, '4', 'limit, maxQueued'],
  ])('a wrong option is refused: %s %p', (option, value, shown, allowed) => {
    const error = thrown(() => new Compartment('a', { limit: 1, [option]: value }));
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: `compartment.${option}` });
    expect((error as Error).message).toContain(`\`compartment.${option}\``);
    expect((error as Error).message).toContain(shown);
    expect((error as Error).message).toContain(allowed);
  });

  test('so are a name and options that are none', () => {
    expect(thrown(() => new Compartment('', { limit: 1 }))).toMatchObject({
      option: 'compartment.name',
      message: expect.stringContaining('a string that is not empty'),
    });
    expect(thrown(() => new Compartment('a', 4 as never))).toMatchObject({
      option: 'compartment',
      message: expect.stringContaining('a plain object'),
    });
  });
});

type Step =
  | { readonly does: 'arrive'; readonly patience: number }
  | { readonly does: 'leave' | 'try' }
  | { readonly does: 'abort'; readonly nth: number }
  | { readonly does: 'advance'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('arrive' as const),
      patience: fc.constantFrom(0, 10, 100, patient),
    }),
    fc.record({ does: fc.constantFrom('leave' as const, 'try' as const) }),
    fc.record({ does: fc.constant('abort' as const), nth: fc.nat(20) }),
    fc.record({ does: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 90) }),
  ),
  { maxLength: 60, size: 'max' },
);

test('never more than the limit, nobody overtakes, nobody waits for ever, no timer stays', async () => {
  let queued = 0;
  await fc.assert(
    fc.asyncProperty(
      steps as fc.Arbitrary<Step[]>,
      fc.integer({ min: 1, max: 3 }),
      fc.nat(4),
      async (script, limit, maxQueued) => {
        const clock = new ManualClock();
        const compartment = new Compartment('a', { limit, maxQueued }, { clock });
        const arrived: { readonly watched: Watched<void>; readonly stop: AbortController }[] = [];
        const waiting = (): number =>
          arrived.filter(({ watched }) => watched.state === 'pending').length;
        /** Of those who waited, in the order in which they were let in. */
        const order: number[] = [];
        let inside = 0;

        const act = async (step: Step): Promise<void> => {
          if (step.does === 'arrive') {
            const stop = new AbortController();
            const nth = arrived.length;
            const entering = compartment.enter(step.patience, stop.signal).then(() => {
              inside += 1;
              order.push(nth);
            });
            arrived.push({ watched: watch(entering), stop });
          } else if (step.does === 'abort') arrived[step.nth]?.stop.abort('stop');
          else if (step.does === 'advance') await clock.advance(step.ms);
          else if (step.does === 'try') inside += compartment.tryEnter() ? 1 : 0;
          else if (inside > 0) {
            inside -= 1;
            compartment.leave();
          }
          await clock.settle();
        };

        for (const step of script) {
          await act(step);
          expect(compartment.active).toBe(inside);
          expect(inside).toBeLessThanOrEqual(limit);
          expect(compartment.queued).toBe(waiting());
          expect(compartment.queued).toBeLessThanOrEqual(maxQueued);
          if (compartment.queued > 0) expect(inside).toBe(limit);
          else expect(clock.pending).toBe(0);
          queued += compartment.queued;
        }
        while (inside > 0) await act({ does: 'leave' });
        expect([compartment.active, compartment.queued, waiting()]).toEqual([0, 0, 0]);
        expect(clock.pending).toBe(0);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      },
    ),
    { numRuns: 150 },
  );
  expect(queued).toBeGreaterThan(150);
});
