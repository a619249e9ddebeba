/** Carom, as its built package is. A part that the package does not have is skipped, and said. */
import type { Cushion, StrategyOptions } from '@carom/core';
import { type Contender, loopOf, type Skipped } from '../contender.js';
import { type RowName, rowNames } from '../rows.js';
import { eightCounters, failEveryOther, neverFires, succeed } from '../work.js';

/** The package, or another copy of it. */
export type Core = typeof import('@carom/core');

const by = 'carom';
const turn = 'sink = await strategy.shot(fn);';

interface Scoreboard {
  on(event: string, listener: () => void): () => void;
}

/** What is told of a shot that succeeds. */
const everyShot = ['shotStarted', 'shotCompleted'];

/** One more each time: cushions of one name would have to have the same settings. */
let cushions = 0;

function cushionOf(core: Core, options: ConstructorParameters<typeof Cushion>[1] = {}): Cushion {
  cushions += 1;
  return new core.Cushion(`bench ${cushions}`, options);
}

function openCushion(core: Core): Cushion {
  const cushion = cushionOf(core, { failures: 1, lastCalls: 1, halfOpenAfter: neverFires });
  cushion.circuit.fail(cushion.circuit.enter());
  return cushion;
}

/** What may be missing from the package: the name of a class, with what to give to it. */
function optional(core: Core, name: string, ...args: readonly unknown[]): unknown {
  const Class = Reflect.get(core, name);
  if (Class === undefined) throw new Error(`@carom/core exports no ${name}`);
  return Reflect.construct(Class, args);
}

function method(value: object, name: string): void {
  if (typeof Reflect.get(value, name) !== 'function') throw new Error(`there is no ${name}()`);
}

const makers: Readonly<Record<RowName, (core: Core, other: Core) => readonly Contender[]>> = {
  success: (core) => {
    const strategy = core.createStrategy({ cushion: cushionOf(core) });
    return [{ row: 'success', by, turn, names: { strategy, fn: succeed } }];
  },

  clocked: (core) => {
    const strategy = core.createStrategy({
      cushion: cushionOf(core),
      attemptTimeout: neverFires,
    });
    return [{ row: 'clocked', by, turn, names: { strategy, fn: succeed } }];
  },

  all: (core) => {
    const options = {
      cushion: cushionOf(core),
      timeout: neverFires,
      attemptTimeout: neverFires,
      compartment: optional(core, 'Compartment', 'bench', { limit: 100 }),
      throttle: optional(core, 'Throttle', 'bench', { rate: 1_000_000_000 }),
      budget: optional(core, 'Budget'),
    } as StrategyOptions;
    return [
      { row: 'all', by, turn, names: { strategy: core.createStrategy(options), fn: succeed } },
    ];
  },

  permit: (core) => {
    const strategy = core.createStrategy({ cushion: cushionOf(core) });
    for (const name of ['enter', 'succeed', 'resume']) method(strategy, name);
    // As adapters do it, in the async frame that they have anyway.
    const guarded = `
      const permit = strategy.enter();
      if (permit === 0) { sink = await strategy.play(shot); continue; }
      const inner = finalSequence();
      try { sink = await fn(); }
      catch (error) { sink = await strategy.resume(shot, { error, permit, inner }); continue; }
      strategy.succeed(permit);`;
    const { finalSequence } = core;
    const names = { strategy, finalSequence, fn: succeed, shot: { play: succeed } };
    return [{ row: 'permit', by, turn: guarded, names }];
  },

  sync: (core) => {
    const strategy = core.createStrategy({ cushion: cushionOf(core) });
    method(strategy, 'shotSync');
    const names = { strategy, fns: eightCounters() };
    return [{ row: 'sync', by, turn: 'sink = strategy.shotSync(fns[i & 7]);', names }];
  },

  refused: (core) => {
    const cushion = openCushion(core);
    const strategy = core.createStrategy({ cushion });
    const gate = 'enter' in strategy ? strategy : cushion.circuit;
    return [{ row: 'refused', by, turn: 'sink = gate.enter();', names: { gate } }];
  },

  rejected: (core) => {
    const strategy = core.createStrategy({ cushion: openCushion(core) });
    const caught = 'try { await strategy.shot(fn); } catch (error) { sink = error; }';
    return [{ row: 'rejected', by, turn: caught, names: { strategy, fn: succeed } }];
  },

  transition: (core) => {
    const { circuit } = cushionOf(core, { failures: 1, lastCalls: 1 });
    const cycle = 'circuit.fail(circuit.enter()); circuit.close();';
    return [{ row: 'transition', by, turn: cycle, names: { circuit }, perTurn: 2 }];
  },

  // Two copies of the package share their listeners, but not what the compiler learnt about them:
  // only the code of the one has ever had somebody to tell.
  listeners: (core, other) => {
    const [unheard, heard] = [core, other].map((copy) => {
      const strategy = copy.createStrategy({ cushion: cushionOf(copy) });
      method(strategy, 'shotSync');
      return { strategy, fns: eightCounters() };
    });
    const once = 'sink = strategy.shotSync(fns[i & 7]);';
    const now: Contender = { row: 'listeners', by, turn: once, names: { ...heard } };
    const { scoreboard } = other as { scoreboard?: Scoreboard };
    if (scoreboard === undefined) throw new Error('@carom/core exports no scoreboard');
    const stops = everyShot.map((event) => scoreboard.on(event, () => {}));
    void loopOf(now)(20_000);
    for (const stop of stops) stop();
    return [{ row: 'base', by: 'unheard', turn: once, names: { ...unheard } }, now];
  },

  'fail-once': (core) => {
    const strategy = core.createStrategy({ retries: 3, baseDelay: 0, jitter: false });
    return [{ row: 'fail-once', by, turn, names: { strategy, fn: failEveryOther() } }];
  },
};

/**
 * Carom's contenders, and the rows that this build of it cannot play.
 * @param other a second copy of the same build
 */
export function caromContenders(
  core: Core,
  other: Core,
): { readonly contenders: readonly Contender[]; readonly skipped: readonly Skipped[] } {
  const contenders: Contender[] = [];
  const skipped: Skipped[] = [];
  for (const row of rowNames) {
    try {
      contenders.push(...makers[row](core, other));
    } catch (error) {
      skipped.push({ row, why: (error as Error).message });
    }
  }
  return { contenders, skipped };
}
