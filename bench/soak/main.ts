/** The soak: all policies under random trouble at full speed, until memory, timers and permits are counted. */
import { parseArgs } from 'node:util';
import {
  Budget,
  Compartment,
  Cushion,
  createStrategy,
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
/** What a heap of 9 MB may seem to grow by chance. After ten minutes it is a sixteenth of a byte per shot. */
const chance = 2_000_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const compartments: Compartment[] = [];
const cushions: Cushion[] = [];

function strategyOf(name: string): Strategy {
  const cushion = new Cushion(name, { halfOpenAfter: 20, probeLease: 50, whenOpen: 'park' });
  const compartment = new Compartment(name, { limit: 20, maxQueued: 20 });
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
    throttle: new Throttle(name, { rate: 20_000, maxQueued: 50 }),
    budget: new Budget(name),
  });
}

const strategies = Array.from({ length: 10 }, (_, n) => strategyOf(`s${n}`));
const start = performance.now();
const elapsed = (): number => (performance.now() - start) / 1_000;
const counts = new Map<string, number>();
const count = (what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

/** Every tenth caller takes its shot back after a while, every tenth second somebody listens. */
async function caller(number: number): Promise<void> {
  while (elapsed() < seconds) {
    const strategy = strategies[number % strategies.length] as Strategy;
    const abort = number % 10 === 0 ? { signal: AbortSignal.timeout(5) } : undefined;
    const calm = Math.floor(elapsed()) % 5 === 4 ? 20 : 95;
    try {
      await strategy.shot(troubled(calm), abort);
      count('well');
    } catch (error) {
      count((error as { code?: string }).code ?? (error as Error).name);
    }
    // Or a row of shots that never wait would leave no turn to the timers.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const samples: Sample[] = [];
const every = Math.max(1, seconds / 40);
const sampler = setInterval(() => {
  const sample = look(elapsed());
  samples.push(sample);
  const heap = (sample.heap / 1e6).toFixed(2);
  say(`${sample.at.toFixed(0).padStart(5)} s  ${heap} MB  ${sample.resources} resources`);
  const stop = scoreboard.on('shotCompleted', () => count('heard'));
  setTimeout(stop, 100);
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
say(`left: ${held} in compartments, ${parked} parked, ${timers} timers`);
if (grown > chance || held > 0 || parked > 0 || timers > 0) process.exitCode = 1;
