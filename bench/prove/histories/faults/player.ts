/** The fault player does what the schedule says, when it says it, to the server and to every client's connections. */
import type { FaultProxy, InjectedFault } from '@carom/testing';
import { Flow } from '../../../../demo/faults/flow.js';
import type { Stage } from '../stage.js';
import { nameOf, type ScheduledFault, type ServerFault } from './schedule.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How the clients' connections call themselves begins with this. */
export const applicationPrefix = 'history-';

/**
 * How long a fault of the wire lies in wait for its statement, in ms. It does not wait for the one statement by which a client
 * finds out whether the server is back: a client that is not at work is passed over.
 */
const wireWaits = 300;

/** Ends a third of the clients' sessions, whatever they are doing. */
async function killBackends({ cluster }: Stage): Promise<void> {
  await cluster.primary.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where starts_with(application_name, $1) and abs(hashint4(pid)) % 3 = 0`,
    [applicationPrefix],
  );
}

async function crash({ cluster, everyProxy }: Stage, downtime: number): Promise<void> {
  const server = cluster.primary;
  for (const proxy of everyProxy) proxy.refuse();
  await server.stop('immediate');
  await pause(downtime);
  // Open again before the server is ready: clients meet it while it is starting up, too.
  await Promise.all(everyProxy.map((proxy) => proxy.accept()));
  await server.start();
}

async function promote({ cluster, everyProxy }: Stage, downtime: number): Promise<void> {
  // What a killed session or a crash has made visible before the standby had it would be lost: Postgres' own gap.
  await cluster.caughtUp();
  const { standby } = cluster;
  for (const proxy of everyProxy) proxy.refuse();
  await cluster.primary.stop('immediate');
  await pause(downtime);
  for (const proxy of everyProxy) proxy.retarget(standby);
  await Promise.all(everyProxy.map((proxy) => proxy.accept()));
  await cluster.failover();
}

const plays: Readonly<Record<ServerFault, (stage: Stage, downtime: number) => Promise<void>>> = {
  'kill-backends': killBackends,
  crash,
  promote,
};

/** Plays one schedule against one stage. */
export class FaultPlayer {
  readonly #stage: Stage;
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  readonly #armed: Set<InjectedFault> = new Set();
  readonly #flows: ReadonlyMap<FaultProxy, Flow>;
  readonly #played: Map<string, number> = new Map();
  /** Faults of the server come one after another: there is one server. */
  #lane: Promise<void> = Promise.resolve();
  #promotions = 0;
  #failure: unknown;

  constructor(stage: Stage, schedule: readonly ScheduledFault[]) {
    this.#stage = stage;
    this.#flows = new Map(stage.everyProxy.map((proxy) => [proxy, new Flow(proxy)]));
    this.#promotions = schedule.filter((fault) => nameOf(fault) === 'promote').length;
    for (const fault of schedule) this.#after(fault.at, () => this.#play(fault));
  }

  /** How often each kind was played; one of the wire counts for each client that it hit. */
  get played(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#played].toSorted());
  }

  /**
   * Waits for the faults that have begun, and disarms the others.
   *
   * @throws what a fault of the server failed with: the run is worth nothing then
   */
  async finish(): Promise<void> {
    for (const flow of this.#flows.values()) flow.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const fault of this.#armed) fault.withdraw();
    for (const proxy of this.#stage.everyProxy) proxy.resume();
    await this.#lane;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  #count(fault: ScheduledFault): void {
    const name = nameOf(fault);
    this.#played.set(name, (this.#played.get(name) ?? 0) + 1);
  }

  #play(fault: ScheduledFault): void {
    if ('server' in fault) {
      this.#lane = this.#lane.then(() => this.#ofServer(fault.server, fault.downtime, fault));
      return;
    }
    const { wire, resumeAfter } = fault;
    for (const [proxy, flow] of this.#flows) {
      if (!flow.atWork) continue;
      const armed = proxy.inject(wire);
      this.#armed.add(armed);
      this.#after(wireWaits, () => {
        this.#armed.delete(armed);
        armed.withdraw();
      });
      armed.settled.catch(() => undefined);
      armed.fired.then(
        () => {
          this.#count(fault);
          if (resumeAfter !== undefined) this.#after(resumeAfter, () => proxy.resume());
        },
        () => undefined, // It was withdrawn.
      );
    }
  }

  async #ofServer(kind: ServerFault, downtime: number, fault: ScheduledFault): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await plays[kind](this.#stage, downtime);
      this.#count(fault);
      if (kind !== 'promote') return;
      this.#promotions -= 1;
      // The next promotion needs a standby: the former primary comes back as one.
      if (this.#promotions > 0) await this.#stage.cluster.rejoin();
    } catch (error) {
      this.#failure = error;
    }
  }
}
