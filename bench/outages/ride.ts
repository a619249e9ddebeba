/** A ride is one run of an outage: a crowd at work while the server is broken and mended, and then the count. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import type { ExecutionOptions } from '@carom/postgres';
import type { FaultProxy, Seen } from '@carom/testing';
import { type Adapter, makers } from './clients/adapters.js';
import type { Client } from './clients/client.js';
import { Crowd, type Kind } from './crowd.js';
import { type Figures, percentile } from './figures.js';
import { downToZero, leftSince, look } from './leftovers.js';
import { inTime } from './patience.js';
import type { Stage } from './stage.js';
import { isCarom, playOf, type StrategyName, unguarded } from './strategies.js';
import { stretch, Tally } from './tally.js';

/** Where and how a scenario is played. */
export interface Scene {
  readonly stage: Stage;
  readonly adapter: Adapter;
  readonly strategy: StrategyName;
  readonly callers: number;
  /** How long the trouble lasts; undefined for as long as the scenario's own words say. */
  readonly trouble: Millis | undefined;
}

/** What the scenario breaks while the crowd is at work. */
export interface Ride {
  readonly scene: Scene;
  readonly proxy: FaultProxy;
  readonly client: Client;
  readonly tally: Tally;
}

export interface Course {
  readonly carom: ExecutionOptions;
  readonly kinds: readonly Kind[];
  readonly callers: number;
  readonly think: Millis;
  /** Before anything breaks, and after it is mended; no longer than the trouble. */
  readonly calm: Millis;
  /** How long the last answer may take when nobody asks any more. */
  readonly grace: Millis;
  /** Which unknown outcomes the level in use could have known. */
  readonly knows: 'everything' | 'all but what was hit' | 'nothing';
  /** Whether connections fall silent for good. */
  readonly isSilent?: boolean;
  /** Breaks the server and mends it; tells the tally when. */
  readonly strike: (ride: Ride) => Promise<void>;
}

/** As they are where a scenario says nothing else. */
export const usual = {
  kinds: ['read', 'write', 'transaction'],
  think: 100,
  grace: 15_000,
  knows: 'everything',
} as const satisfies Partial<Course>;

/** Callers who can wait for longer than the trouble lasts, and whose writes can be settled. */
export const patient = {
  ...usual,
  carom: { patience: 30_000, exactlyOnce: true },
  grace: 40_000,
} as const satisfies Partial<Course>;

export async function ride(scene: Scene, course: Course): Promise<Figures> {
  const { stage, adapter, strategy } = scene;
  const isWrapped = isCarom(strategy);
  const { signal } = new AbortController();
  const proxy = await stage.proxy();
  try {
    const before = look(signal);
    const level = strategy === unguarded ? ({ commit: 'none' } as const) : {};
    const carom = isWrapped ? { ...course.carom, ...level, signal } : undefined;
    const client = makers[adapter]({ config: stage.config(proxy), carom });
    // Some listen from the first use on.
    await client.read();
    const { listeners } = client;
    const tally = new Tally(isWrapped);
    const crowd = new Crowd({
      ...{ client, play: playOf(strategy), tally, callers: course.callers },
      ...{ think: course.think, kinds: course.kinds, random: seededRandom(1) },
    });
    const calm = Math.min(course.calm, scene.trouble ?? course.calm);
    await pause(calm);
    const calmUntil = performance.now();
    const atStart = proxy.seen;
    await course.strike({ scene, proxy, client, tally });
    const seen = attempts(atStart, proxy.seen);
    await pause(calm);
    const ended = crowd.stop();
    await inTime(ended, course.grace);
    const hung = tally.open;
    // Those of bare clients that are silent for ever do not come back: there is nothing to wait for.
    const slots = await downToZero(() => client.slots, isWrapped ? undefined : 0);
    const grown = Math.max(0, client.listeners - listeners);
    const closed = inTime(client.close(), course.grace);
    // What is silent for ever must not keep the run from its end; that it was so has been counted.
    if (hung > 0 || !isWrapped) proxy.cutAll('rst');
    await closed;
    // And the proxy never hears that the other side of a silent connection is gone.
    if (course.isSilent === true) proxy.cutAll('rst');
    const audit = tally.audit(await stage.marks());
    await inTime(ended, course.grace);
    await downToZero(() => proxy.connections);
    const left = await leftSince(before, signal);
    return {
      ...figuresOf(tally, course, calmUntil),
      ...{ ...audit, hung, ...seen },
      left: { ...left, slots, listeners: left.listeners + grown },
    };
  } finally {
    await proxy.close();
  }
}

/** What went by while the server was in trouble. */
function attempts(before: Seen, after: Seen): Pick<Figures, 'attemptsAtServer' | 'connections'> {
  const connections = after.connections - before.connections;
  return { connections, attemptsAtServer: connections + after.queries - before.queries };
}

function figuresOf(tally: Tally, { callers, knows }: Course, calmUntil: Millis) {
  const { shots, failed, unknown, unknownElsewhere, begunAt, brokenAt, wellAt, parked } = tally;
  const relative = (at: Millis | undefined): Millis | undefined =>
    at === undefined ? undefined : at - begunAt;
  const firsts = [...tally.firstAfter.values()];
  // Whoever never had an answer again is among the slowest.
  while (firsts.length < callers) firsts.push(Number.POSITIVE_INFINITY);
  const recovery = wellAt === undefined ? undefined : percentile(firsts, 95);
  const needless = { everything: unknown, 'all but what was hit': unknownElsewhere, nothing: 0 };
  return {
    ...{ shots, failed, unknown, parked, needlesslyUnknown: needless[knows] },
    recoveryMs: Number.isFinite(recovery) ? recovery : undefined,
    parkedMs: tally.served.length < parked * 0.95 ? undefined : percentile(tally.served, 95),
    p50: percentile(tally.latencies, 50),
    p99: percentile(tally.latencies, 99),
    // The first moments are connecting.
    calm: tally.rate(begunAt + (calmUntil - begunAt) / 3, calmUntil),
    trouble: tally.rate(brokenAt ?? calmUntil, wellAt ?? performance.now()),
    errors: Object.fromEntries([...tally.said].sort(([, a], [, b]) => b - a).slice(0, 6)),
    timeline: {
      ...{ stretch, succeeded: tally.succeeded, errors: tally.errors },
      ...{ brokenAt: relative(brokenAt), wellAt: relative(wellAt) },
    },
  };
}
