/** The places of probes while a circuit is half-open: none is taken by nobody, none is lost. */
import { CircuitOpenError, Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { admitted, caught, never, watch } from './scenario.js';

function setup(probes: number, maxParked = 1_000) {
  const clock = new ManualClock();
  const cushion = new Cushion(
    'orders',
    { failures: 1, halfOpenAfter: 1_000, probes, probeLease: 500, whenOpen: 'park', maxParked },
    { clock, random: () => 0 },
  );
  const { circuit } = cushion;
  circuit.fail(circuit.enter());
  return { clock, cushion, circuit, strategy: createStrategy({ cushion, clock, retries: 0 }) };
}

test('who is refused behind those who go in after a closing is told so', async () => {
  const { clock, circuit } = setup(1, 3);
  const parked = [1, 2, 3].map(() => watch(admitted(circuit, 1_010)));
  await clock.advance(1_000);
  circuit.succeed(parked[0]?.value ?? 0);
  const late = [1, 2].map(() => watch(admitted(circuit, 60_000)));
  expect(circuit.admit(60_000)).toMatchObject({
    message: expect.stringContaining('is closed again, and lets 3 others in first: nothing'),
    retryAfter: 0,
  });
  await clock.advance(10);
  expect(parked[2]?.error).toMatchObject({
    message: expect.stringContaining('is closed again, and lets others in first: nothing'),
  });
  expect(late.map(({ state }) => state)).toEqual(['pending', 'pending']);
});

describe('the places of probes', () => {
  test.each([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 3],
    [3, 3],
    [5, 3],
  ])(
    '%d parked, %d probes: each takes one place, and newcomers the others',
    async (many, probes) => {
      const { clock, circuit } = setup(probes);
      const parked = Array.from({ length: many }, () => watch(admitted(circuit, 60_000)));
      await clock.advance(1_000);
      const inside = parked.filter(({ state }) => state === 'fulfilled').length;
      expect(inside).toBe(Math.min(many, probes));
      let more = 0;
      while (circuit.admit() === parked[0]?.value) more += 1;
      expect(inside + more).toBe(probes);
      expect(circuit.state).toBe('half-open');
    },
  );

  test('a newcomer that cannot wait is the first: those parked take the other places', async () => {
    const { clock, circuit } = setup(3);
    const parked = [1, 2, 3].map(() => watch(admitted(circuit, 60_000)));
    // No timer rings on a thread that blocks.
    clock.block(1_000);
    const permit = circuit.admit();
    await clock.settle();
    expect(parked.map(({ value }) => value)).toEqual([permit, permit, undefined]);
    // Both hang, and so does the newcomer: the last is not forgotten.
    await clock.advance(500);
    expect(parked[2]?.state).toBe('fulfilled');
  });

  test('a listener that takes the last parked shot back: its place is free', async () => {
    const { clock, cushion, circuit, strategy } = setup(1);
    const leaving = new AbortController();
    const parked = caught(strategy.shot(() => 1, { signal: leaving.signal }));
    cushion.onChange((state) => {
      if (state === 'half-open') leaving.abort('enough');
    });
    await clock.advance(1_000);
    expect(await parked).toBe('enough');
    expect([circuit.state, circuit.retryAfter, clock.pending]).toEqual(['half-open', 0, 0]);
    expect(await strategy.shot(() => 'in', { patience: 0 })).toBe('in');
    expect(circuit.state).toBe('closed');
  });

  test('a second probe asks at once while the first one hangs', async () => {
    const { clock, circuit, strategy } = setup(2);
    void strategy.shot(never);
    await clock.advance(1_000);
    expect(await strategy.shot(() => 'answered', { patience: 0 })).toBe('answered');
    expect(circuit.state).toBe('closed');
  });

  test('are open to who may not wait, also where a thread that blocks hears no timer', async () => {
    const { clock, circuit, strategy } = setup(1, 0);
    clock.block(999);
    expect(await caught(strategy.shot(() => 1))).toBeInstanceOf(CircuitOpenError);
    clock.block(1);
    expect(await strategy.shot(() => circuit.state)).toBe('half-open');
    expect(circuit.state).toBe('closed');
  });

  test('no more than there are', async () => {
    const { clock, strategy } = setup(2);
    for (let n = 0; n < 2; n++) void strategy.shot(never);
    await clock.advance(1_000);
    expect(await caught(strategy.shot(() => 1, { patience: 0 }))).toBeInstanceOf(CircuitOpenError);
  });
});
