import { Cushion } from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { admitted, type Watched, watch } from './scenario.js';

interface Step {
  readonly does:
    | 'arrive'
    | 'succeed'
    | 'fail'
    | 'release'
    | 'hang'
    | 'abort'
    | 'advance'
    | 'isolate'
    | 'close';
  /** Patience, milliseconds, or which one. */
  readonly n: number;
}

const some = (weight: number, does: readonly Step['does'][], n: fc.Arbitrary<number>) => ({
  weight,
  arbitrary: fc.record<Step>({ does: fc.constantFrom(...does), n }),
});

const steps = fc.array(
  fc.oneof(
    some(6, ['arrive'], fc.constantFrom(0, 20, 300, 5_000, Number.POSITIVE_INFINITY)),
    some(6, ['succeed', 'fail', 'release', 'hang'], fc.nat(20)),
    some(1, ['abort'], fc.nat(20)),
    some(4, ['advance'], fc.constantFrom(1, 10, 49, 50, 100, 500, 3_000)),
    some(1, ['isolate', 'close'], fc.constant(0)),
  ),
  // Without the size fast-check would rarely go beyond ten steps.
  { maxLength: 80, size: 'max' },
);

test('nobody waits for ever, no timer stays, and probes are bounded, whatever happens', async () => {
  let recovered = 0;
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.integer({ min: 1, max: 3 }),
      fc.nat(1_000),
      async (script, probes, seed) => {
        const clock = new ManualClock();
        const cushion = new Cushion(
          'a',
          {
            failures: 2,
            lastCalls: 4,
            whenOpen: 'park',
            maxParked: 8,
            halfOpenAfter: 100,
            halfOpenMax: 1_000,
            probes,
            probeLease: 200,
          },
          { clock, random: seededRandom(seed) },
        );
        const { circuit } = cushion;
        const arrived: {
          readonly watched: Watched<number>;
          readonly controller: AbortController;
        }[] = [];
        const done = new Set<Watched<number>>();
        const hung = new Set<Watched<number>>();
        const playing = (): Watched<number>[] =>
          arrived
            .map(({ watched }) => watched)
            .filter((it) => it.state === 'fulfilled' && !done.has(it));

        /** Settles one of those who were let in. */
        const settle = (how: 'succeed' | 'fail' | 'release' | 'hang', nth: number): void => {
          const all = playing();
          const one = all[nth % Math.max(1, all.length)];
          if (one === undefined) return;
          done.add(one);
          if (how === 'hang') hung.add(one);
          else circuit[how](one.value ?? 0);
        };
        const act = async ({ does, n }: Step): Promise<void> => {
          if (does === 'arrive') {
            const controller = new AbortController();
            arrived.push({ watched: watch(admitted(circuit, n, controller.signal)), controller });
          } else if (does === 'abort') arrived[n]?.controller.abort('stop');
          else if (does === 'advance') await clock.advance(n);
          else if (does === 'isolate' || does === 'close') circuit[does]();
          else settle(does, n);
          await clock.settle();
        };

        for (const step of script) {
          await act(step);
          if (cushion.parked === 0) expect(clock.pending).toBe(0);
          expect(cushion.parked).toBeLessThanOrEqual(8);
          if (cushion.state === 'isolated') expect(cushion.parked).toBe(0);
          if (cushion.state === 'half-open') {
            const newest = Math.max(...arrived.map(({ watched }) => watched.value ?? 0));
            const probing = playing().filter(({ value }) => value === newest);
            expect(probing.length).toBeLessThanOrEqual(probes);
            const out = probing.length + [...hung].filter(({ value }) => value === newest).length;
            if (out < probes) expect([cushion.retryAfter, cushion.parked]).toEqual([0, 0]);
          }
        }

        // From now on all is well again: whoever is let in gets an answer.
        for (let n = 0; n < 200 && (cushion.parked > 0 || playing().length > 0); n++) {
          while (playing().length > 0) settle('succeed', 0);
          await clock.advance(100);
        }
        expect(cushion.parked).toBe(0);
        expect(arrived.filter(({ watched }) => watched.state === 'pending')).toEqual([]);
        expect(clock.pending).toBe(0);
        if (cushion.state === 'closed') recovered += 1;
      },
    ),
    { numRuns: 300 },
  );
  expect(recovered).toBeGreaterThan(50);
});
