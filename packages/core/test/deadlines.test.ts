import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Deadline, Deadlines } from '../src/timeout/deadlines.js';

class Bell extends Deadline {
  readonly #ring: (bell: Bell) => void;

  constructor(ring: (bell: Bell) => void) {
    super();
    this.#ring = ring;
  }

  ring(): void {
    this.#ring(this);
  }
}

function setup(limit: number, now = 0) {
  const clock = new ManualClock(now);
  const deadlines = new Deadlines(clock, limit);
  const rung: [bell: Bell, at: number][] = [];
  const bell = (also: (bell: Bell) => void = () => {}): Bell =>
    new Bell((it) => {
      rung.push([it, clock.now()]);
      also(it);
    });
  return { clock, deadlines, rung, bell };
}

describe('deadlines', () => {
  test('ring once each, in the order in which they were armed, at the exact time', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const bells = [bell(), bell(), bell(), bell()] as const;
    const [a, b, c, d] = bells;
    deadlines.arm(a);
    deadlines.arm(b);
    await clock.advance(30);
    deadlines.arm(c);
    await clock.advance(69.5);
    deadlines.arm(d);
    expect(rung).toEqual([]);
    await clock.advance(1_000);
    expect(rung).toEqual([
      [a, 100],
      [b, 100],
      [c, 130],
      [d, 199.5],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('need one timer together, however many', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    for (let n = 0; n < 2_000; n++) {
      deadlines.arm(bell());
      if (n % 100 === 0) await clock.advance(1);
      expect(clock.pending).toBe(1);
    }
    await clock.advance(1_000);
    expect(rung).toHaveLength(2_000);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['the first', [0]],
    ['the last', [4]],
    ['one in the middle', [2]],
    ['from the first to the last', [0, 1, 2, 3, 4]],
    ['from the last to the first', [4, 3, 2, 1, 0]],
    ['all but one', [3, 0, 4, 1]],
  ])('%s disarmed: the others ring', async (_, order) => {
    const { clock, deadlines, rung, bell } = setup(100);
    const bells = Array.from({ length: 5 }, () => bell());
    for (const one of bells) deadlines.arm(one);
    await clock.advance(50);
    for (const nth of order) deadlines.disarm(bells[nth] as Bell);
    expect(clock.pending).toBe(order.length === 5 ? 0 : 1);
    await clock.advance(1_000);
    expect(rung).toEqual(
      bells.filter((_one, nth) => !order.includes(nth)).map((one) => [one, 100]),
    );
    expect(clock.pending).toBe(0);
  });

  test('nothing armed: the timer that is left holds nobody, and is used again', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const one = bell();
    deadlines.arm(one);
    await clock.advance(40);
    deadlines.disarm(one);
    expect(clock.pending).toBe(0);
    await clock.advance(20);
    deadlines.arm(one);
    expect(clock.pending).toBe(1);
    // The old timer rings at 100, for nobody.
    await clock.advance(99);
    expect([rung, clock.pending]).toEqual([[], 1]);
    await clock.advance(1);
    expect(rung).toEqual([[one, 160]]);
    expect(clock.pending).toBe(0);
    // Nothing armed, no timer left: the next one needs another.
    deadlines.arm(one);
    await clock.advance(100);
    expect(rung).toHaveLength(2);
  });

  test('one whose ringing takes long makes the next no later than itself', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const [slow, next] = [bell(() => clock.block(200)), bell()];
    deadlines.arm(slow);
    await clock.advance(50);
    deadlines.arm(next);
    await clock.advance(50);
    // Due at 150, and heard as soon as the thread hears a timer.
    await clock.advance(0);
    expect(rung).toEqual([
      [slow, 100],
      [next, 300],
    ]);
  });

  test('nothing armed: the timer rings for nobody, and is gone', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const one = bell();
    deadlines.arm(one);
    deadlines.disarm(one);
    await clock.advance(1_000);
    expect([rung, clock.pending]).toEqual([[], 0]);
    deadlines.arm(one);
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(rung).toEqual([[one, 1_100]]);
  });

  test('armed again while it rings: a whole limit later', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const one = bell((it) => {
      if (rung.length < 3) deadlines.arm(it);
    });
    deadlines.arm(one);
    await clock.advance(100);
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(rung).toEqual([
      [one, 100],
      [one, 200],
      [one, 300],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('others armed while one rings, before those that are not yet due', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const late = bell();
    const next = bell();
    const one = bell(() => deadlines.arm(next));
    deadlines.arm(one);
    await clock.advance(60);
    deadlines.arm(late);
    await clock.advance(1_000);
    expect(rung).toEqual([
      [one, 100],
      [late, 160],
      [next, 200],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('disarmed by one that rings, at the same time or later: it does not ring', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const same = bell();
    const later = bell();
    const one = bell(() => {
      deadlines.disarm(same);
      deadlines.disarm(later);
    });
    deadlines.arm(one);
    deadlines.arm(same);
    await clock.advance(10);
    deadlines.arm(later);
    await clock.advance(1_000);
    expect(rung).toEqual([[one, 100]]);
    expect(clock.pending).toBe(0);
  });

  test('a thread that was blocked: all that are due ring, the others in their time', async () => {
    const { clock, deadlines, rung, bell } = setup(100);
    const bells = [bell(), bell(), bell()] as const;
    for (const one of bells) {
      deadlines.arm(one);
      clock.block(60);
    }
    await clock.advance(0);
    expect(rung).toEqual([
      [bells[0], 180],
      [bells[1], 180],
    ]);
    await clock.advance(1_000);
    expect(rung[2]).toEqual([bells[2], 220]);
  });
});

type Step = { readonly does: 'arm' | 'disarm' | 'wait'; readonly n: number };

test('whatever is armed and disarmed when, each rings at its time, and no timer stays', async () => {
  const steps = fc.array(
    fc.record<Step>({
      does: fc.constantFrom('arm', 'arm', 'disarm', 'wait'),
      n: fc.double({ min: 0, max: 60, noNaN: true }),
    }),
    { maxLength: 60, size: 'max' },
  );
  const whole = fc.double({ min: 0.1, max: 1e9, noNaN: true });
  await fc.assert(
    fc.asyncProperty(steps, whole, whole, async (script, start, limit) => {
      const { clock, deadlines, rung, bell } = setup(limit, start);
      const armed = new Map<Bell, number>();
      const due: [Bell, number][] = [];
      const spare: Bell[] = [];
      for (const { does, n } of script) {
        if (does === 'wait') await clock.advance((n / 60) * limit);
        const [one] = [...armed.keys()].slice(n % Math.max(1, armed.size));
        if (does === 'arm') {
          // One that was disarmed is as good as new.
          const next = spare.pop() ?? bell((it) => armed.delete(it));
          armed.set(next, clock.now() + limit);
          due.push([next, clock.now() + limit]);
          deadlines.arm(next);
        } else if (does === 'disarm' && one !== undefined) {
          armed.delete(one);
          due.splice(
            due.findIndex(([other]) => other === one),
            1,
          );
          deadlines.disarm(one);
          spare.push(one);
        }
        expect(clock.pending).toBe(armed.size === 0 ? 0 : 1);
      }
      await clock.advance(limit * 2);
      expect(rung.map(([it, at]) => [due.findIndex(([other]) => other === it), at])).toEqual(
        due.map(([, at], nth) => [nth, at]),
      );
      expect(clock.pending).toBe(0);
    }),
  );
});
