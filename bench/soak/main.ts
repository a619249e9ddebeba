/** The soak: all policies under random trouble at full speed, until memory, timers and permits are counted. */
import { getEventListeners } from 'node:events';
import { parseArgs } from 'node:util';
import {
  Budget,
  Compartment,
  Cushion,
  createStrategy,
  type ScoreboardEvent,
  type Strategy,
  scoreboard,
  Throttle,
} from '@carom/core';
import { growth, look, type Sample } from './samples.js';
import { troubled } from './trouble.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 10)) throw new Error('--seconds takes a number from 10');

/** So many callers at a time, each with one shot after the other. */
const callers = 200;
/**
 * What a heap of 10 MB may seem to grow by chance: 1.7 MB at most were seen. In ten minutes, with 15
 * million shots between the quarters, that is a fifth of a byte per shot.
 */
const chance = 3_000_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const compartments: Compartment[] = [];
const cushions: Cushion[] = [];

/** Every second one has gates that are too narrow for its callers; the others go at full speed. */
function strategyOf(name: string, narrow: boolean): Strategy {
  const whenOpen = cushions.length % 4 < 2 ? 'park' : 'reject';
  const cushion = new Cushion(name, { halfOpenAfter: 20, probeLease: 50, whenOpen });
  const compartment = new Compartment(name, { limit: narrow ? 12 : 20, maxQueued: 4 });
  const rate = narrow ? 2_000 : 20_000;
  cushions.push(cushion);
  compartments.push(compartment);
  return createStrategy({
    retries: 2,
    baseDelay: 1,
    maxDelay: 10,
    patience: 200,
    timeout: 100,
    attemptTimeout: 10,
    cushion,
    compartment,
    throttle: new Throttle(name, { rate, burst: rate / 20, maxQueued: 8 }),
    budget: new Budget(name),
  });
}

const strategies = Array.from({ length: 10 }, (_, n) => strategyOf(`s${n}`, n % 2 === 1));
const start = performance.now();
const elapsed = (): number => (performance.now() - start) / 1_000;
const counts = new Map<string, number>();
const count = (what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

/** What must have come up, or the soak says less than it seems to. */
const sights: readonly string[] = [
  ...['well', 'Error', 'TimeoutError', 'CAROM_TIMEOUT'],
  ...['CAROM_CIRCUIT_OPEN', 'CAROM_COMPARTMENT_FULL', 'CAROM_THROTTLED'],
];
const events: readonly ScoreboardEvent[] = [
  ...(['shotCompleted', 'shotRetry', 'shotParked', 'shotReleased'] as const),
  ...(['budgetExhausted', 'circuitOpened', 'circuitHalfOpened', 'circuitClosed'] as const),
];

/** One signal for many shots, as that of a service that shuts down. */
const { signal } = new AbortController();

/** Some callers take their shots back after a while, and some have the signal of the service. */
async function caller(number: number): Promise<void> {
  while (elapsed() < seconds) {
    const strategy = strategies[number % strategies.length] as Strategy;
    const way = Math.floor(number / strategies.length) % 10;
    const abort =
      way === 0 ? { signal: AbortSignal.timeout(5) } : way === 1 ? { signal } : undefined;
    const calm = Math.floor(elapsed()) % 5 === 4 ? 5 : 95;
    try {
      await strategy.shot(troubled(calm), abort);
      count('well');
    } catch (error) {
      const { code, name } = error as Error & { readonly code?: unknown };
      count(typeof code === 'string' ? code : name);
    }
    // Or a row of shots that never wait would leave no turn to the timers.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const samples: Sample[] = [];
// Not in step with the bad seconds, of which every fifth is one: what is listened for is then.
const every = Math.max(0.5, seconds / 41);
const sampler = setInterval(() => {
  const sample = look(elapsed());
  samples.push(sample);
  const heap = (sample.heap / 1e6).toFixed(2);
  say(`${sample.at.toFixed(0).padStart(5)} s  ${heap} MB  ${sample.resources} resources`);
  // For a while, since who listens to every shot keeps it off the fast path.
  const stops = events.map((event) => scoreboard.on(event, () => count(event)));
  setTimeout(() => {
    for (const stop of stops) stop();
  }, 300);
}, every * 1_000);

await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
clearInterval(sampler);
// What was abandoned ends by itself: nothing here takes longer than a second.
await new Promise((resolve) => setTimeout(resolve, 1_000));

const grown = growth(samples);
const held = compartments.reduce((sum, { active, queued }) => sum + active + queued, 0);
const parked = cushions.reduce((sum, cushion) => sum + cushion.parked, 0);
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
for (const [what, number] of [...counts].sort(([, a], [, b]) => b - a)) say(`${what}: ${number}`);
say(
  `growth from the second quarter to the last: ${(grown / 1_000).toFixed(0)} kB (${chance / 1_000} allowed)`,
);
const listeners = getEventListeners(signal, 'abort').length;
say(`left: ${held} in compartments, ${parked} parked, ${timers} timers, ${listeners} listeners`);
const unseen = [...sights, ...events].filter((what) => !counts.has(what));
if (unseen.length > 0) say(`never seen: ${unseen.join(', ')}`);
const isWhole = [held, parked, timers, listeners, unseen.length].every((number) => number === 0);
if (grown > chance || !isWhole) process.exitCode = 1;
