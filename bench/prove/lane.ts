/** A lane is one client that does one kind of work, one thing after the other, through a proxy of its own. */
import type { FaultProxy, InjectedFault, ServerConfig, Target } from '@carom/testing';
import { startFaultProxy } from '@carom/testing';
import { type Adapter, makers } from './adapters.js';
import { Book } from './book.js';
import type { Client } from './clients/client.js';
import { asks, type Hit, isOwn, lostCommit, proxyFault } from './faults.js';
import { atMost, pause } from './pause.js';
import type { Unit } from './plan.js';
import type { Strategy } from './strategies.js';

/** What a lane plays. */
export interface LaneSettings {
  readonly strategy: Strategy;
  readonly adapter: Adapter;
  readonly unit: Unit;
}

/** Ends the backends that call themselves so, and waits until they are gone. */
export type Kill = (applicationName: string) => Promise<unknown>;

/** A unit that is held at its point. */
export interface Going {
  /** It is there; or it has ended without getting there. */
  readonly held: Promise<unknown>;
  /** Lets it go on, and resolves when it is over. `met`: whether what was meant for it has come about. */
  end(met: boolean): Promise<void>;
}

/** Longer than this nobody waits for connections to say goodbye, in ms. */
const farewell = 3_000;
/** Longer than this nothing takes that is not stuck, in ms. */
const stuckAfter = 120_000;
/** How long a client needs to hear that its idle connections are gone, in ms. */
const hearsWithin = 10;

export class Lane {
  /** As its connections call themselves. */
  readonly name: string;
  readonly settings: LaneSettings;
  readonly proxy: FaultProxy;
  readonly book: Book;
  readonly #client: Client;
  readonly #kill: Kill;
  #units = 0;

  private constructor(settings: LaneSettings, proxy: FaultProxy, server: ServerConfig, kill: Kill) {
    const { strategy, adapter, unit } = settings;
    this.name = `${strategy.name}-${adapter}-${unit.replace(' ', '-')}`;
    this.settings = settings;
    this.proxy = proxy;
    this.book = new Book(strategy.carom?.commit);
    this.#kill = kill;
    const config = { ...server, host: proxy.host, port: proxy.port, application_name: this.name };
    this.#client = makers[adapter]({ config, carom: strategy.carom });
  }

  static async open(
    settings: LaneSettings,
    server: Target & { readonly config: ServerConfig },
    kill: Kill,
  ): Promise<Lane> {
    return new Lane(settings, await startFaultProxy(server), server.config, kill);
  }

  /** Plays a first unit, without haste: to load a client's engine may take longer than an attempt. */
  warmUp(): Promise<void> {
    return this.#notStuck(undefined, this.#write(undefined, true));
  }

  /** Plays one unit, and its hit if it has one; it is over when the database holds what it will hold. */
  play(hit: Hit | undefined): Promise<void> {
    return this.#notStuck(hit, this.#play(hit));
  }

  async #play(hit: Hit | undefined): Promise<void> {
    const isBare = this.settings.strategy.carom === undefined;
    if (hit === undefined || (isBare && isOwn(hit.point))) return await this.#write(hit, false);
    if (hit.point === 'connect') await this.#disconnect();
    const first = asks(hit.point) ? this.#watch(this.proxy.inject(lostCommit(hit))) : undefined;
    const fault = this.#inject(hit);
    const written = this.#write(hit, false);
    await Promise.race([fault.fired.catch(() => undefined), written]);
    if (fault.count > 0) await this.#strike(hit, written);
    await written;
    first?.withdraw();
    await this.#over(fault, hit, true);
  }

  /** Begins a unit that is held where its hit says. */
  hold(hit: Hit): Going {
    const fault = this.#inject(hit);
    const written = this.#notStuck(hit, this.#write(hit, true));
    return {
      held: Promise.race([fault.fired.catch(() => undefined), written]),
      end: async (met) => {
        this.proxy.resume();
        await written;
        await this.#over(fault, hit, met);
      },
    };
  }

  async close(): Promise<void> {
    await atMost(farewell, this.#client.close());
    await this.proxy.close();
  }

  /** Only a new connection connects. */
  async #disconnect(): Promise<void> {
    this.proxy.cutAll('rst');
    while (this.proxy.connections > 0) await pause(1);
    await pause(hearsWithin);
  }

  /** Whether its units are one statement each, which commits by itself. */
  get isSingle(): boolean {
    const { unit, strategy } = this.settings;
    return unit === 'autocommit' && strategy.carom === undefined;
  }

  #inject(hit: Hit): InjectedFault {
    return this.#watch(this.proxy.inject(proxyFault(hit, this.isSingle)));
  }

  #watch(fault: InjectedFault): InjectedFault {
    fault.settled.catch(() => undefined);
    return fault;
  }

  /** What happens to the connection that is held. */
  async #strike({ fault, lasts }: Hit, written: Promise<void>): Promise<void> {
    if (fault === 'FIN' || fault === 'RST') return;
    if (fault === 'backend killed') await this.#kill(this.name);
    else await atMost(lasts, written);
    // As the system does at last with a connection that nothing comes from.
    if (fault === 'black hole') this.proxy.cutAll('rst');
    else this.proxy.resume();
  }

  async #over(fault: InjectedFault, hit: Hit, met: boolean): Promise<void> {
    if (fault.count === 0) return fault.withdraw();
    this.proxy.resume();
    const { fault: name, point, moment } = hit;
    const { adapter, unit } = this.settings;
    if (met) this.book.hit({ fault: name, point, moment, adapter, unit });
    await fault.settled;
  }

  #write(hit: Hit | undefined, patient: boolean): Promise<void> {
    this.#units += 1;
    const id = `${this.name}-${this.#units}`;
    const rows = this.settings.unit === 'autocommit' ? 1 : 3;
    const ids = Array.from({ length: rows }, (_, nth) => `${id}/${nth + 1}`);
    const work = async (): Promise<unknown> =>
      await this.#client.write(this.settings.unit, ids, patient);
    return this.book.enter(ids, hit, () => this.settings.strategy.play(work));
  }

  async #notStuck<T>(hit: Hit | undefined, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<never>((_resolve, reject) => {
      const where = hit === undefined ? 'no fault' : `${hit.fault}, ${hit.point} ${hit.moment}`;
      const error = new Error(`${this.name} is stuck after ${stuckAfter} ms (${where})`);
      timer = setTimeout(reject, stuckAfter, error);
    });
    try {
      return await Promise.race([work, stuck]);
    } finally {
      clearTimeout(timer);
    }
  }
}
