/** Where a prober asks, no shot has to find out. */
import { Compartment, Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { FakeProber } from './fake-prober.js';
import { admitted, caught, watch } from './scenario.js';

function setup(whenOpen: 'park' | 'reject' = 'park') {
  const clock = new ManualClock();
  const options = { failures: 1, halfOpenAfter: 100, whenOpen };
  const cushion = new Cushion('orders', options, { clock, random: () => 0 });
  const prober = new FakeProber();
  cushion.circuit.probedBy(prober);
  const open = (): void => cushion.circuit.fail(cushion.circuit.enter());
  return { clock, cushion, circuit: cushion.circuit, prober, open };
}

describe('a circuit with a prober', () => {
  test('asks from its opening until the answer, and lets no shot in meanwhile', async () => {
    const { clock, circuit, prober, open } = setup();
    expect(prober.isAsking).toBe(false);
    open();
    expect(prober.isAsking).toBe(true);
    const parked = watch(admitted(circuit, 1_000_000));
    // Whatever it says of its next question: a shot is none.
    prober.retryAfter = 0;
    await clock.advance(60_000);
    expect(circuit.admit()).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    expect([circuit.enter(), parked.state, circuit.state]).toEqual([0, 'pending', 'open']);
    circuit.answered();
    await clock.settle();
    expect([parked.state, circuit.state, prober.isAsking]).toEqual(['fulfilled', 'closed', false]);
  });

  test('the parked go in as a ramp: 1, 2, 4', async () => {
    const { clock, circuit, open } = setup();
    open();
    const parked = Array.from({ length: 20 }, () => watch(admitted(circuit, 10_000)));
    const inside = (): number => parked.filter(({ state }) => state === 'fulfilled').length;
    circuit.answered();
    const steps: number[] = [];
    for (let step = 0; step < 4; step++) {
      await clock.settle();
      steps.push(inside());
      await clock.advance(50);
    }
    expect(steps).toEqual([1, 3, 7, 15]);
  });

  test('an answer too many lets nobody in', async () => {
    const { clock, circuit, open } = setup();
    open();
    const parked = Array.from({ length: 5 }, () => watch(admitted(circuit, 10_000)));
    for (let n = 0; n < 3; n++) circuit.answered();
    await clock.settle();
    expect(parked.filter(({ state }) => state === 'fulfilled')).toHaveLength(1);
  });

  test('what is let in and fails opens it again, and the prober asks again', async () => {
    const { circuit, prober, open } = setup();
    open();
    circuit.answered();
    open();
    expect([prober.isAsking, prober.started]).toEqual([true, 2]);
  });

  test('a refusal tells when the prober asks next', async () => {
    const { clock, cushion, prober, open } = setup('reject');
    const strategy = createStrategy({ clock, cushion });
    open();
    prober.retryAfter = 170;
    expect(await caught(strategy.shot(() => 1))).toMatchObject({
      code: 'CAROM_CIRCUIT_OPEN',
      retryAfter: 170,
    });
  });

  test('those parked keep the process alive, the prober does not', async () => {
    const { clock, circuit, open } = setup();
    open();
    expect(clock.pending).toBe(0);
    const controller = new AbortController();
    const parked = watch(admitted(circuit, Number.POSITIVE_INFINITY, controller.signal));
    expect(clock.pending).toBe(1);
    controller.abort('enough');
    await clock.settle();
    expect([parked.error, clock.pending]).toEqual(['enough', 0]);
  });

  test('the last one leaves: shots find out as before, at once when it is time', async () => {
    const { clock, circuit, prober, open } = setup();
    open();
    const parked = watch(admitted(circuit, 10_000));
    await clock.advance(5_000);
    expect(parked.state).toBe('pending');
    circuit.probedBy(undefined);
    await clock.advance(1);
    expect([parked.state, circuit.state, prober.isAsking]).toEqual([
      'fulfilled',
      'half-open',
      false,
    ]);
  });

  test('ill again before anybody is in: those parked wait for the next answer, and no shot asks', async () => {
    const { clock, circuit, open } = setup();
    open();
    const parked = watch(admitted(circuit, 10_000));
    const stop = circuit.onChange(() => {
      if (circuit.state === 'closed') circuit.fail(circuit.admit() as number);
    });
    circuit.answered();
    stop();
    await clock.advance(10_000);
    expect([circuit.state, parked.state, circuit.enter()]).toEqual(['open', 'rejected', 0]);
  });

  test('what it throws is its own: no shot hears of it, and no place is lost', async () => {
    const { clock, cushion, circuit } = setup();
    const compartment = new Compartment('c', { limit: 1 }, { clock });
    const strategy = createStrategy({ clock, cushion, compartment, retries: 0 });
    const broken = (): never => {
      throw new Error('of the prober');
    };
    circuit.probedBy({ start: broken, stop: broken, retryAfter: 1 });
    const error = new Error('of the service');
    expect(await caught(strategy.shot(() => Promise.reject(error)))).toBe(error);
    expect([circuit.state, compartment.active]).toEqual(['open', 0]);
    circuit.answered();
    expect(await strategy.shot(() => circuit.state)).toBe('closed');
    await caught(strategy.shot(() => Promise.reject(error)));
    circuit.probedBy(undefined);
    circuit.close();
    expect(circuit.state).toBe('closed');
  });

  test('that has its answer while it is started: listeners hear of the opening first', async () => {
    const { clock, circuit, open } = setup();
    const seen: string[] = [];
    circuit.onChange((state, previous) => seen.push(`${previous} ${state}`));
    const stop = (): void => {};
    circuit.probedBy({ start: () => circuit.answered(), stop, retryAfter: 1 });
    open();
    await clock.settle();
    expect(seen).toEqual(['closed open', 'open closed']);
    const parked = watch(admitted(circuit, 1_000));
    await clock.settle();
    expect(parked.state).toBe('fulfilled');
  });

  test('an operator may close or isolate it', () => {
    const { circuit, prober, open } = setup();
    open();
    circuit.isolate();
    expect(prober.isAsking).toBe(false);
    circuit.answered();
    expect(circuit.state).toBe('isolated');
    circuit.close();
    open();
    circuit.close();
    expect([circuit.state, prober.isAsking]).toEqual(['closed', false]);
  });

  test('what happened lately is told', () => {
    const { circuit } = setup();
    circuit.succeed(circuit.enter());
    expect(circuit.recent).toEqual({ failed: 0, total: 1 });
    for (let n = 0; n < 20; n++) circuit.succeed(circuit.enter());
    expect(circuit.recent).toEqual({ failed: 0, total: 10 });
    circuit.close();
    expect(circuit.recent).toEqual({ failed: 0, total: 0 });
    const timed = new Cushion('a', {}, { clock: new ManualClock() }).circuit;
    timed.succeed(timed.enter());
    timed.fail(timed.enter());
    expect(timed.recent).toEqual({ failed: 1, total: 2 });
  });
});
