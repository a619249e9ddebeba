/** The calm sea: what a query through Carom may cost more than through the bare client, where no noise can tell. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Adapter } from '../../bench/outages/clients/adapters.js';
import { weighCalm } from '../../bench/outages/scenarios/calm.js';
import { Stage } from '../../bench/outages/stage.js';
import { scales } from '../../bench/outages/weigh.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open('none');
}, 60_000);
afterAll(() => stage?.close(), 60_000);

/** Promises more than the bare client's. The reach is 2 (`npm run outage -- --scenario calm`); these must not grow. */
const kept: readonly (readonly [adapter: Adapter, promises: number])[] = [
  ['pg', 0],
  ['knex', 1],
  ['prisma', 2],
];

test.each(kept)('%s: no round trip more, and at most %d promises', async (adapter, promises) => {
  const scene = { stage, adapter, strategy: 'carom', callers: 1, trouble: undefined } as const;
  const { more } = await weighCalm(scene, scales.light);
  expect(more.addedRoundTrips).toBe(0);
  expect(more.addedPromises).toBeLessThanOrEqual(promises);
  // The other way round it would say nothing.
  expect(more.promises).toBeGreaterThan(0);
});
