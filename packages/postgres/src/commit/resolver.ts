/** The resolver settles a COMMIT whose answer was lost: it asks the server, on a line of its own, until it knows. */
import {
  type Clock,
  Compartment,
  decided,
  isCaromError,
  type Millis,
  sleep,
  systemClock,
} from '@carom/core';
import type { Rest } from '../outage/rest.js';
import { tell } from '../telemetry/scoreboard.js';
import { lookAtFence } from './fence.js';
import { type Connect, noAnswer, onLine } from './line.js';
import type { Look, Settlement } from './settlement.js';
import type { Ticket } from './ticket.js';
import { lookAtXid } from './xid.js';

/** What the resolver is made of. */
export interface ResolverSettings {
  /** The datasource's name, for people. */
  readonly datasource: string;
  readonly connect: Connect;
  /** While somebody else finds out whether the server can be asked; default: nobody does. */
  readonly rest?: Rest | undefined;
  /** Default: the real one. */
  readonly clock?: Clock | undefined;
}

/** One question. */
export interface Question {
  /** How long it may ask, in ms. At least one look is taken. */
  readonly patience: Millis;
  /** Ends the asking. */
  readonly signal?: AbortSignal | undefined;
  /** Whether time has passed since the loss that nobody watched. Default false. */
  readonly late?: boolean | undefined;
  /** Told of each look that settled nothing. */
  readonly onPending?: ((running: boolean) => void) | undefined;
}

/** The longest single look, in ms: a server or a pooler may accept and hang. */
const longestLook = 2_000;
/** Between looks, in ms: the first, and the last after doubling. */
const firstDelay = 20;
const lastDelay = 500;
/** Lines at a time: a lost server has as many lost COMMITs as it had clients. */
const lines = 8;

/** The resolver of one datasource. */
export class Resolver {
  readonly datasource: string;
  readonly #connect: Connect;
  readonly #rest: Rest | undefined;
  readonly #clock: Clock;
  readonly #lines: Compartment;

  constructor({ datasource, connect, rest, clock = systemClock }: ResolverSettings) {
    this.datasource = datasource;
    this.#connect = connect;
    this.#rest = rest;
    this.#clock = clock;
    const maxQueued = Number.MAX_SAFE_INTEGER;
    this.#lines = new Compartment('resolver', { limit: lines, maxQueued }, { clock });
  }

  /** Asks until it is settled, the patience is over or the signal aborts; never throws. */
  async settle(ticket: Ticket, question: Question): Promise<Settlement> {
    const { patience, signal, late = false } = question;
    const clock = this.#clock;
    const began = clock.now();
    const deadline = began + patience;
    let pending = 'the server could not be asked';
    try {
      for (let delay = firstDelay; ; delay = Math.min(2 * delay, lastDelay)) {
        const left = Math.max(deadline - clock.now(), firstDelay);
        const look = await this.#look(ticket, left, signal, late);
        if ('outcome' in look) {
          if (signal?.aborted !== true) this.#tell(look, ticket, late, began);
          return { ...look, ticket };
        }
        pending = look.pending;
        question.onPending?.(look.running === true);
        if (clock.now() + delay >= deadline) break;
        await this.#pause(delay, deadline - clock.now(), signal);
      }
    } catch {
      // The signal, or no line in time: what was seen last is what is known.
    }
    return { outcome: 'unknown', reason: pending, ticket };
  }

  /** Waits for the next look; while it rests, until there is a change. */
  async #pause(delay: Millis, left: Millis, signal: AbortSignal | undefined): Promise<void> {
    const rest = this.#rest;
    if (rest === undefined || rest.delay === 0) return await sleep(this.#clock, delay, signal);
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    const stop = rest.onEnd(wake);
    signal?.addEventListener('abort', wake, { once: true });
    try {
      await sleep(this.#clock, Math.min(Math.max(delay, rest.delay), left), woken.signal);
    } catch {
      signal?.throwIfAborted();
    } finally {
      stop();
      signal?.removeEventListener('abort', wake);
    }
  }

  #tell(
    { outcome, reason: why }: Settlement,
    { level }: Ticket,
    late: boolean,
    began: Millis,
  ): void {
    if (outcome === 'unknown') return;
    const duration = this.#clock.now() - began;
    const { datasource } = this;
    const what = { datasource, outcome, level, late, duration };
    tell('outcomeResolved', () => ({ ...what, ...decided('settle', why) }));
  }

  async #look(
    ticket: Ticket,
    left: Millis,
    signal: AbortSignal | undefined,
    late: boolean,
  ): Promise<Look> {
    await this.#lines.enter(left, signal);
    try {
      const limit = Math.min(left, longestLook);
      const look = await onLine(this.#connect, limit, this.#clock, (client) =>
        ticket.level === 'xid'
          ? lookAtXid(client, ticket, late)
          : lookAtFence(client, ticket, late, { second: this.#connect, clock: this.#clock }),
      );
      return look === noAnswer ? { pending: 'the server did not answer in time' } : look;
    } catch (error) {
      return { pending: `the server could not be asked${codeOf(error)}` };
    } finally {
      this.#lines.leave();
    }
  }
}

/** A code says enough; the driver's text may name the host. */
function codeOf(error: unknown): string {
  const code = isCaromError(error) ? undefined : (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? ` (${code})` : '';
}
