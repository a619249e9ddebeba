/** Ticketing is how a transaction comes by its ticket, without a round trip of its own where the driver allows that. */
import { transactionControl } from '../sql/transaction-control.js';
import { readAndBegin, readingFor } from './first-reading.js';
import { type Origin, originOfToken } from './origin.js';
import { copies, Probe } from './probe.js';
import type { ServerMemory } from './server-memory.js';
import type { Ticket } from './ticket.js';
import { insertToken, secureDurability } from './tokens.js';
import { type Answer, ask, isRefusal, type WireClient } from './wire.js';

/** What a ticket is made for. */
export interface TicketRules {
  readonly level: 'xid' | 'fence';
  /** The datasource's name, for people. */
  readonly datasource: string;
  readonly memory: ServerMemory;
}

/** A client, and its own `query`, whoever listens on it. */
export interface Wire {
  readonly client: WireClient;
  readonly query: WireClient['query'];
}

const xidProbe = `SELECT pg_catalog.pg_current_xact_id_if_assigned()::text,
  pg_catalog.current_setting('synchronous_commit'), extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text`;
const tokenProbe = `${secureDurability}; ${insertToken}, ${originOfToken}`;
const anonymousProbe = `${secureDurability}; ${insertToken}`;

/** What cannot give a transaction its id; a SELECT that does all the same is asked about before COMMIT. */
const noWrite: RegExp =
  /^\s*(?:select|show|values|table|explain|fetch|set|savepoint|release|rollback)\b/i;

/** What changes how durable the COMMIT is meant to be. */
const durability: RegExp = /synchronous_commit|\breset\s+all\b/i;

/** What makes a transaction READ ONLY, in which a token is refused, and the caller's work with it. */
const namesReadOnly: RegExp = /\bread\s+only\b|transaction_read_only/i;
const showReadOnly = 'SHOW transaction_read_only';
const namesReadWrite: RegExp = /\bread\s+write\b/i;

/** The ticket of one transaction, on its way. */
export class Ticketing {
  readonly #rules: TicketRules;
  readonly #wire: Wire;
  readonly #probe: Probe;
  #ticket: Ticket | undefined;
  #lacking: string | undefined;
  #probing: Promise<void> | undefined;
  #refused: unknown;
  /** A token that was put in after a savepoint could be undone alone. */
  #savepoints = false;
  /** What was said of the durability may be undone with a savepoint. */
  #named = false;
  /** The durability may be another by now than the ticket says. */
  #outdated = false;
  #ended = false;
  /** Whether it was said that it is READ ONLY; undefined leaves it to the session. Of the fence alone. */
  #readOnly: boolean | undefined;

  constructor(rules: TicketRules, wire: Wire) {
    this.#rules = rules;
    this.#wire = wire;
    this.#probe = new Probe(wire.client, wire.query);
  }

  get ticket(): Ticket | undefined {
    return this.#ticket;
  }

  /** Why there is no ticket. */
  get lacking(): string {
    return this.#lacking ?? 'nothing that wrote was seen';
  }

  /**
   * Sends BEGIN. In the same flight, where it is not known yet, the server is read that the connection leads to.
   * @param send sends a text, and gives the client's result.
   * @throws {CaromError} `CAROM_FENCE_MISSING` where the fence has no table.
   */
  async begin<T>(text: string, send: (text: string) => PromiseLike<T>): Promise<T> {
    const { level, memory } = this.#rules;
    if (level === 'fence') {
      this.#readOnly = namesReadOnly.test(text) || (namesReadWrite.test(text) ? false : undefined);
    }
    const reader = { level, memory, client: this.#wire.client };
    const reading = readingFor(reader);
    if (reading === undefined) return await send(text);
    return await readAndBegin(reader, reading, text, send);
  }

  /** Sends a statement of the caller's, and returns what the client returns. */
  send(sql: string | undefined, args: unknown[]): unknown {
    const control = sql === undefined ? undefined : transactionControl(sql);
    if (control === 'savepoint') this.#savepoints = true;
    else if (control !== undefined) this.#end();
    const asked = this.#ticket !== undefined || this.#probing !== undefined;
    const names = sql !== undefined && durability.test(sql);
    this.#named ||= names;
    if (asked && (names || (this.#named && control === 'savepoint'))) this.#outdated = true;
    if (this.#rules.level === 'fence' && sql !== undefined && namesReadOnly.test(sql)) {
      this.#readOnly = true;
    }
    const writes = sql !== undefined && control === undefined && !noWrite.test(sql);
    // Behind a cursor, a stream, a COPY or a page the probe would be answered out of it.
    const probes =
      writes &&
      !isInSteps(args[0]) &&
      this.#wanted &&
      !copies(sql) &&
      !(this.#rules.level === 'fence' && (this.#savepoints || this.#mayBeReadOnly));
    if (!probes) return this.#probe.send(args);
    const { result, answer } = this.#probe.sendWith(args, this.#text);
    if (answer !== undefined) this.#take(answer);
    return result;
  }

  /** With what the server refused Carom's own question; undefined where it did not. */
  get refused(): unknown {
    return this.#refused;
  }

  /** While the probe is on its way. */
  get asking(): Promise<void> | undefined {
    return this.#probing;
  }

  /** Whether nothing has to be asked any more before COMMIT. */
  isReady(onlyRead: () => boolean): boolean {
    if (this.#probing !== undefined) return false;
    if (this.#outdated && this.#ticket !== undefined) return false;
    return !this.#wanted || onlyRead();
  }

  /**
   * Makes sure that the ticket is there. Before COMMIT, and before anyone thinks that it was sent.
   */
  async prepare(onlyRead: () => boolean): Promise<void> {
    await this.#probing;
    if (this.isReady(onlyRead)) return;
    try {
      if (this.#mayBeReadOnly && (await this.#ask(showReadOnly)).rows[0]?.[0] === 'on') {
        this.#lacking = 'the transaction was READ ONLY, and could put no token in';
        return;
      }
      this.#learn(await this.#ask(this.#text));
    } catch (error) {
      if (!isAborted(error)) throw error;
      // By Carom's own question: the caller has seen no error.
      if (this.#refused !== undefined) throw this.#refused;
      // Else by the caller's: COMMIT will be answered with ROLLBACK.
    }
  }

  #ask(text: string): Promise<Answer> {
    const { client, query } = this.#wire;
    return ask({ query: (...args) => query.apply(client, args) }, text);
  }

  get #mayBeReadOnly(): boolean {
    const { level, memory } = this.#rules;
    if (level !== 'fence') return false;
    return this.#readOnly ?? memory.groundOf(this.#wire.client)?.readOnly === true;
  }

  /** The caller ended the transaction: what its ticket tells is not what becomes of the next one. */
  #end(): void {
    this.#ended = true;
    this.#ticket = undefined;
    this.#lacking = 'the transaction was ended from within, and what followed was another';
  }

  get #wanted(): boolean {
    if (this.#ended || this.#ticket !== undefined || this.#probing !== undefined) return false;
    if (this.#rules.level === 'fence') return true;
    const { memory } = this.#rules;
    if (memory.of(this.#wire.client) !== undefined) return true;
    this.#lacking = memory.mistrust ?? 'the server was not read in time';
    return false;
  }

  get #text(): string {
    const { level, memory } = this.#rules;
    if (level === 'xid') return xidProbe;
    // What may not be asked would undo the transaction.
    return memory.groundOf(this.#wire.client)?.server === undefined ? anonymousProbe : tokenProbe;
  }

  #take(answer: Promise<Answer | undefined>): void {
    // A statement that fails takes the probe behind it along; the next one, or `prepare`, asks again.
    this.#probing = answer
      .then(
        (it) => {
          if (it !== undefined) this.#learn(it);
        },
        (error: unknown) => {
          if (isRefusal(error) && !isAborted(error)) this.#refused = error;
        },
      )
      .finally(() => {
        this.#probing = undefined;
      });
  }

  #learn({ rows }: Answer): void {
    if (this.#ended) return;
    const [first, second, third, ...place] = rows[0] ?? [];
    const { level, memory, datasource } = this.#rules;
    if (typeof first !== 'string' || typeof second !== 'string') {
      this.#lacking = 'the transaction had no id (a foreign table, a notification?)';
      return;
    }
    if (level === 'fence') {
      const durability = third ?? 'on';
      const token = { carom: 1, datasource, level, token: first, createdAt: second } as const;
      this.#ticket = { ...token, durability, origin: this.#origin(place) };
      return;
    }
    const incarnation = memory.of(this.#wire.client);
    if (incarnation !== undefined && incarnation.started === third) {
      // Spelled out: V8 takes 9 us more for an object that is spread and then added to.
      this.#ticket = { carom: 1, datasource, level, xid: first, incarnation, durability: second };
      return;
    }
    memory.forget(this.#wire.client);
    this.#lacking = 'the connection led to another server than before';
  }

  /** Where a token was put in; undefined where it cannot be said which server that was. */
  #origin([started, database, xid]: readonly unknown[]): Origin | undefined {
    const { memory } = this.#rules;
    const server = memory.groundOf(this.#wire.client)?.server;
    if (server === undefined) return undefined;
    if (server.started === started && typeof database === 'string' && typeof xid === 'string') {
      return { ...server, database, xid };
    }
    memory.forget(this.#wire.client);
    return undefined;
  }
}

/** «current transaction is aborted»: something before it failed. */
const isAborted = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null | undefined)?.code === '25P02';

/** A query class of the user's own, which drives the wire itself, or one that is answered in pages. */
function isInSteps(query: unknown): boolean {
  const { submit, rows } = (query ?? {}) as { readonly submit?: unknown; readonly rows?: unknown };
  return typeof submit === 'function' || Boolean(rows);
}
