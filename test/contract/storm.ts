/** The contract under a storm: many shots, seeded faults of every kind, and the ledger as the judge. */

import { seededRandom } from '@carom/core/testing';
import { outcomeOf } from '@carom/postgres';
import { type Fault, type InjectedFault, ledger } from '@carom/testing';
import { expect, test } from '@jest/globals';
import type { Adapter } from './subject.js';
import type { World } from './world.js';

const shots = 120;

export function stormContract(_adapter: Adapter, world: World): void {
  test.each([1, 2, 3])(
    'seed %i: no acknowledged write is lost, none is done twice',
    async (seed) => {
      const random = seededRandom(seed);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
      const fault = (): Fault => ({
        kind: 'cut',
        when: pick(['before', 'after-server', 'after-answer'] as const),
        how: pick(['fin', 'rst'] as const),
        at: pick(['COMMIT', 'statement', 'BEGIN', 'connect', { query: 3 }] as const),
      });
      const db = world.open();
      const book = ledger();
      const injected: InjectedFault[] = [];
      const worker = async (name: number): Promise<void> => {
        for (let n = 0; n < shots / 4; n++) {
          const mark = `storm ${seed}: ${name}.${n}`;
          if (random() < 0.4) injected.push(world.proxy.inject(fault()));
          if (name === 0 && random() < 0.2) await world.cluster.primary.killBackends();
          book.attempt(mark);
          try {
            if (random() < 0.5) await db.mark(mark);
            else {
              await db.transaction(async (tx) => {
                await tx.count(mark);
                await tx.mark(mark);
                await tx.bump(1 + Math.floor(random() * 3));
              });
            }
            book.acknowledged(mark);
          } catch (error) {
            expect(outcomeOf(error)).toBeDefined();
            book.failed(mark, error);
          }
        }
      };
      await Promise.all([0, 1, 2, 3].map(worker));
      for (const it of injected) it.withdraw();
      // A session that was cut off may still be at work: the server is asked when all are gone.
      await world.cluster.primary.killBackends();
      const report = book.audit(
        (await world.marks()).filter((it) => it.startsWith(`storm ${seed}:`)),
      );
      if (!report.ok) throw new Error(String(report));
      expect(world.proxy.seen.faults).toBeGreaterThan(0);
    },
    60_000,
  );
}
