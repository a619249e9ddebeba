/** The contestants: the same engine with different settings, from no retry at all to what adapters use. */
import {
  Budget,
  Cushion,
  type CushionOptions,
  createStrategy,
  type Strategy,
  type StrategyOptions,
} from '@carom/core';
import {
  AttemptLog,
  type Connect,
  createExecution,
  type OwnClient,
  type WaitingRoom,
} from '@carom/postgres';
import { bare, loop, type MakeUnitPlayer, wrapped } from './database/players.js';
import type { Scenario } from './scenarios.js';
import { allWorkers, clientTimeout, type Server } from './server.js';
import type { Source } from './source.js';

export interface Contestant {
  readonly name: string;
  /** Whether it is ours, or only there to compare with. */
  readonly isCarom: boolean;
  /** For the scenarios in which all may wait, and for no other. */
  readonly isAdapter?: boolean;
  /** For the scenarios of a server that is a queue. */
  readonly create?: (source: Source, server: Server) => Player;
  /** For those of a database that is written to. */
  readonly onDatabase?: MakeUnitPlayer;
}

/** What plays shots. */
export type Player = Pick<Strategy, 'cushion' | 'shot'>;

const cushion: CushionOptions = {
  ratio: 0.5,
  lastMs: 10_000,
  minimum: 10,
  halfOpenAfter: 100,
  halfOpenMax: 500,
};

/** The settings of an adapter, with a delay that fits a service of 10 ms, and changes to them. */
export function carom(
  name: string,
  more: CushionOptions = {},
  options: StrategyOptions = {},
): Contestant {
  return {
    name,
    isCarom: true,
    create: (source) =>
      createStrategy({
        retries: 3,
        baseDelay: 50,
        attemptTimeout: clientTimeout,
        cushion: new Cushion('sim', { ...cushion, ...more }, source),
        budget: new Budget('sim', {}, source),
        ...source,
        ...options,
      }),
  };
}

function without(
  name: string,
  options: StrategyOptions,
  more: Pick<Contestant, 'onDatabase'> = {},
): Contestant {
  return {
    ...more,
    name,
    isCarom: false,
    create: (source) => createStrategy({ attemptTimeout: clientTimeout, ...source, ...options }),
  };
}

/** How the prober of an adapter asks the simulation's server: a connection is a request like any other. */
function connectTo(server: Server): Connect {
  const silent = (): void => undefined;
  const client: OwnClient = {
    on: silent,
    off: silent,
    query: async () => ({ rows: [['f']] }),
    end: async () => undefined,
  };
  return async () => {
    await server.request();
    return client;
  };
}

/** A pool all of whose connections are new: each is a request. */
class Pool {
  readonly idle = 0;
  readonly lent = 0;
  connecting = 0;
  readonly max = allWorkers;

  /** Asks as an attempt of an adapter does: when it may, and it says how that went. */
  async connect<T>(
    { room, log, signal }: { room: WaitingRoom; log: AttemptLog; signal: AbortSignal },
    ask: () => Promise<T>,
  ): Promise<T> {
    log.phase = 'connect';
    if (!room.tryAsk()) {
      await new Promise<void>((come, calledBack) => {
        room.wait({ limit: undefined, come, late: () => {}, calledBack });
      });
    }
    this.connecting += 1;
    let isOver = false;
    const over = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      this.connecting -= 1;
      if (error === undefined) room.answered();
      else room.failed(error, log);
    };
    signal.addEventListener('abort', () => over(signal.reason), { once: true });
    try {
      const answer = await ask();
      room.made();
      over();
      return answer;
    } catch (error) {
      over(error);
      throw error;
    }
  }
}

/** An adapter as it comes, with more patience: circuit, prober, ramp, gate and budget of a datasource. */
const adapter: Contestant = {
  name: 'carom-adapter',
  isCarom: true,
  isAdapter: true,
  onDatabase: wrapped('xid'),
  create(source, server) {
    const pool = new Pool();
    const { strategy, room } = createExecution(
      { ...source, attemptTimeout: clientTimeout, patience: 30_000 },
      { host: 'sim', database: 'sim' },
      connectTo(server),
      { places: pool },
    );
    return {
      cushion: strategy.cushion,
      shot(action) {
        let log = new AttemptLog(false);
        return strategy.play({
          play(attempt) {
            log = new AttemptLog(false);
            const { signal } = attempt;
            return pool.connect({ room, log, signal }, async () => await action(attempt));
          },
          signature: () => 'the same for all',
          judge: (error) => log.verdict(error),
        });
      },
    };
  },
};

export const contestants: readonly Contestant[] = [
  without('none', { retries: 0 }, { onDatabase: bare }),
  without('naive', { retries: 3, baseDelay: 0, jitter: false }, { onDatabase: loop }),
  without('jitter', { retries: 3, baseDelay: 50, jitter: 'full' }),
  carom('carom', { whenOpen: 'reject' }),
  carom('carom-park', { whenOpen: 'park', maxParked: 1_000 }, { patience: 10_000 }),
  adapter,
  { name: 'carom-fence', isCarom: true, onDatabase: wrapped('fence') },
];

/**
 * Whether a contestant plays a scenario: one of a database who can write; of the others an adapter where all may wait, and the
 * rest of ours where they may not.
 */
export const plays = (
  { isCarom, isAdapter = false, create, onDatabase }: Contestant,
  { allWait = false, isWritten = false }: Pick<Scenario, 'allWait' | 'isWritten'>,
): boolean => {
  if (isWritten) return onDatabase !== undefined;
  return create !== undefined && (!isCarom || isAdapter === allWait);
};
