/** The stage of the proof, in earnest and as short as it can be: it finds the double of a hand-written loop, and none of Carom's. */
import { needs } from '@carom/testing';
import { expect, test } from '@jest/globals';
import type { Hit } from '../../bench/prove/faults.js';
import { units } from '../../bench/prove/plan.js';
import { Stage } from '../../bench/prove/stage.js';
import { strategies } from '../../bench/prove/strategies.js';
import { strike } from '../../bench/prove/strike.js';

const hits: readonly Hit[] = [
  { fault: 'RST', point: 'commit', moment: 'after-answer', lasts: 0 },
  { fault: 'black hole', point: 'statement', moment: 'before', lasts: 700 },
  { fault: 'backend killed', point: 'begin', moment: 'after-server', lasts: 0 },
  { fault: 'FIN', point: 'question', moment: 'after-answer', lasts: 0, loss: 'after-server' },
  { fault: 'FIN', point: 'second commit', moment: 'after-answer', lasts: 0, loss: 'before' },
];
const crash: Hit = { fault: 'crash and xid reuse', point: 'commit', moment: 'before', lasts: 0 };

needs('standby', test)('plays units and faults, and asks the database', async () => {
  const stage = await Stage.open({ standby: 'sync', strategies, adapters: ['pg'] });
  try {
    await Promise.all(
      stage.lanes.map(async (lane) => {
        for (const hit of [undefined, ...hits]) await lane.play(hit);
      }),
    );
    await strike(stage, crash);
    await stage.audit();
    for (const { settings, book } of stage.lanes) {
      const { account, remarks } = book;
      const { strategy } = settings;
      expect(account.shots).toBe(hits.length + 3);
      const isCarom = strategy.carom !== undefined;
      if (isCarom) expect(account.hits.size).toBe(hits.length + 1);
      expect(account.duplicates).toBe(strategy.name === 'naive' ? 1 : 0);
      expect(account.unknown > 0).toBe(strategy.name === 'none' || strategy.name === 'carom-xid');
      if (isCarom) expect([account.needlesslyUnknown, remarks]).toEqual([0, []]);
    }
    expect(stage.lanes).toHaveLength(strategies.length * units.length);
  } finally {
    await stage.close();
  }
});
