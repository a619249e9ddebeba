/** The proof of writes: units of work under every fault at every point, in all strategies; then the database is asked. */
import { seededRandom } from '@carom/core/testing';
import { type Account, add, newAccount } from './account.js';
import { type Adapter, adapters } from './adapters.js';
import { type Hit, type ServerFault, serverFaults } from './faults.js';
import type { Lane } from './lane.js';
import type { Options } from './options.js';
import { plan, strikes, units } from './plan.js';
import type { Progress } from './progress.js';
import type { Result } from './report.js';
import { Stage } from './stage.js';
import { type Strategy, strategies } from './strategies.js';
import { strike } from './strike.js';

interface Act {
  readonly standby: 'sync' | 'async';
  readonly faults: readonly ServerFault[];
  /** Which part of each lane's plan is played here, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

const acts: readonly Act[] = [
  { standby: 'sync', faults: serverFaults.slice(0, -1), from: 0, to: 0.8 },
  { standby: 'async', faults: serverFaults.slice(-1), from: 0.8, to: 1 },
];

/** How many units each lane plays, so that Carom has as many as were asked for. */
function unitsOf(shots: number): number {
  const lanes = strategies.filter(({ column }) => column === 'carom').length * adapters.length;
  return Math.ceil(shots / (lanes * units.length));
}

/** What a lane plays: the same in all strategies. */
function planOf({ settings: { adapter, unit } }: Lane, { seed, shots }: Options) {
  const nth = adapters.indexOf(adapter) * units.length + units.indexOf(unit);
  return plan(seededRandom(seed * 100 + nth), unitsOf(shots));
}

async function playAct(
  { standby, faults, from, to }: Act,
  options: Options,
  progress: Progress,
): Promise<readonly Lane[]> {
  progress.at(`starting PostgreSQL and its ${standby}hronous standby`, from);
  const stage = await Stage.open({ standby, strategies, adapters });
  const interrupted = (): void => {
    void stage.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const hits = strikes(seededRandom(options.seed), faults, options.quick);
    // Each part waits for the slowest lane, and a short proof has no time for that.
    const parts = options.quick ? 1 : hits.length;
    for (const [nth, hit] of hits.entries()) {
      const at = (share: number): number => from + (to - from) * share;
      if (nth < parts) {
        const [first, last] = [at(nth / parts), at((nth + 1) / parts)];
        progress.at('broken connections', at(nth / hits.length));
        await Promise.all(
          stage.lanes.map((lane) => playPart(lane, planOf(lane, options), first, last)),
        );
      }
      progress.at(`${hit.fault}, ${hit.point} ${hit.moment}`, at((nth + 0.5) / hits.length));
      await strike(stage, hit);
    }
    await stage.audit();
    return stage.lanes;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await stage.close();
  }
}

async function playPart(
  lane: Lane,
  all: readonly (Hit | undefined)[],
  from: number,
  to: number,
): Promise<void> {
  const part = all.slice(Math.floor(from * all.length), Math.floor(to * all.length));
  for (const hit of part) await lane.play(hit);
}

/** Plays it all. */
export async function proveWrites(options: Options, progress: Progress): Promise<Result> {
  const accounts = new Map<Strategy['name'], Account>();
  const remarks: string[] = [];
  for (const act of acts) {
    for (const { settings, book } of await playAct(act, options, progress)) {
      const { strategy } = settings;
      const account = accounts.get(strategy.name) ?? newAccount();
      accounts.set(strategy.name, account);
      add(account, book.account);
      if (strategy.carom !== undefined) remarks.push(...book.remarks);
    }
  }
  return { adapters: adapters as readonly Adapter[], accounts, remarks };
}
