/** A vigil is kept over statements that are not answered for long: is their server still at work on them (liveness)? */
import { type Clock, type Millis, systemClock, type Timer } from '@carom/core';
import { type Connect, noAnswer, onLine } from '../commit/line.js';
import { hangUp } from '../commit/wire.js';
import { askBackends, type BackendState } from './backends.js';

/** What is needed of a `pg` client. */
export interface Watched {
  readonly processID?: number | null | undefined;
  readonly connection?: unknown;
}

/** How a vigil is kept. */
export interface VigilSettings {
  /** Opens a connection beside the pool. */
  readonly connect: Connect;
  /** The clients that somebody has now. */
  lent(): Iterable<Watched>;
  /** A client's way is lost: what its pool has beside it was made on the same way. */
  drain(client: Watched): void;
  /** How long a statement may be unanswered before the server is asked, in ms. Default 15,000. */
  readonly silence?: Millis | undefined;
  readonly clock?: Clock | undefined;
}

/** An unanswered statement. */
interface Unanswered {
  readonly query: object;
  /** Bytes that the server had sent when the silence began. */
  readonly heard: number;
  /** Rounds since it was first seen. */
  rounds: number;
  /** The round of the next look. */
  due: number;
  /** What was still to be sent at the last look. */
  unsent: number;
  /** Looks in a row that did not find its server at work on it. */
  doubts: number;
}

const silenceLimit: Millis = 15_000;
/** The longest single look, in ms: a server or a pooler may accept and hang. */
const longestLook: Millis = 2_000;
/** One look may come just before the answer does. */
const doubtsLimit = 2;
/** Rounds between looks at a statement whose server is at work, at most: it may be at work for hours. */
const longestRest = 8;

/** The vigil over one pool. It costs nothing while statements are answered: every half of `silence` it looks which are not. */
export class Vigil {
  readonly #settings: VigilSettings;
  readonly #clock: Clock;
  readonly #silence: Millis;
  #unanswered: Map<Watched, Unanswered> = new Map();
  #timer: Timer | undefined;
  #looking = false;

  constructor(settings: VigilSettings) {
    const { silence = silenceLimit, clock = systemClock } = settings;
    this.#settings = settings;
    this.#silence = silence;
    this.#clock = clock;
  }

  /** Somebody has got a client. */
  begin(): void {
    this.#timer ??= this.#nextRound();
  }

  /** Apart, since what a closure remembers is allocated wherever it might be made. */
  #nextRound(): Timer {
    const timer = this.#clock.after(this.#silence / 2, () => this.#round());
    // Whoever waits for an answer keeps the process alive, not who watches.
    timer.unref();
    return timer;
  }

  #round(): void {
    this.#timer = undefined;
    const before = this.#unanswered;
    this.#unanswered = new Map();
    let anybody = false;
    for (const client of this.#settings.lent()) {
      anybody = true;
      const query = activeQuery(client);
      if (query === undefined) continue;
      const known = before.get(client);
      const heard = heardBy(client);
      const same = known?.query === query && known.heard === heard;
      const now = same ? known : { query, heard, rounds: 0, due: 2, unsent: 0, doubts: 0 };
      if (same) now.rounds += 1;
      this.#unanswered.set(client, now);
    }
    if (anybody) this.begin();
    const due = [...this.#unanswered].filter(([, { rounds, due: at }]) => rounds >= at);
    if (due.length > 0 && !this.#looking) void this.#look(due);
  }

  async #look(due: readonly (readonly [Watched, Unanswered])[]): Promise<void> {
    this.#looking = true;
    const states = await this.#ask(due.map(([{ processID }]) => processID ?? 0));
    this.#looking = false;
    for (const [client, it] of due) {
      // It has been answered meanwhile.
      if (activeQuery(client) !== it.query || heardBy(client) !== it.heard) continue;
      const sending = unsentOf(client) !== it.unsent;
      it.unsent = unsentOf(client);
      if (!sending && isDoubtful(states, client)) {
        it.doubts += 1;
        it.due = it.rounds + 1;
        if (it.doubts < doubtsLimit) continue;
        hangUp(client);
        this.#settings.drain(client);
      } else {
        it.doubts = 0;
        it.due = it.rounds + Math.min(it.rounds, longestRest);
      }
    }
  }

  /** Undefined where nobody can say; `unreachable` where nobody answers. */
  async #ask(
    ids: readonly number[],
  ): Promise<ReadonlyMap<number, BackendState> | 'unreachable' | undefined> {
    const ask = (client: Parameters<typeof askBackends>[0]) => askBackends(client, ids);
    try {
      const answer = await onLine(this.#settings.connect, longestLook, this.#clock, ask);
      return answer === noAnswer ? 'unreachable' : answer;
    } catch (error) {
      // A server that refuses is there, and perhaps at work.
      return isServers(error) ? undefined : 'unreachable';
    }
  }
}

function isDoubtful(
  states: ReadonlyMap<number, BackendState> | 'unreachable' | undefined,
  { processID }: Watched,
): boolean {
  if (states === undefined || typeof processID !== 'number') return states === 'unreachable';
  if (states === 'unreachable') return true;
  return states.get(processID) !== 'working';
}

/** What the client waits for an answer to. A cursor between two reads waits for its reader. `pg` has renamed it once. */
function activeQuery(client: object): object | undefined {
  const inside = client as { readonly _activeQuery?: object; readonly activeQuery?: object };
  const query = '_activeQuery' in inside ? inside._activeQuery : inside.activeQuery;
  const { cursor = query } = (query ?? {}) as { readonly cursor?: object };
  const { state } = (cursor ?? {}) as { readonly state?: unknown };
  return state === 'idle' || state === 'initialized' ? undefined : (query ?? undefined);
}

/** Bytes that came from the server. */
function heardBy({ connection }: Watched): number {
  const wire = connection as { readonly stream?: { readonly bytesRead?: number } } | undefined;
  return wire?.stream?.bytesRead ?? 0;
}

/** Bytes that the socket has not taken yet: of a long statement on a slow way. */
function unsentOf({ connection }: Watched): number {
  const wire = connection as { readonly stream?: { readonly writableLength?: number } } | undefined;
  return wire?.stream?.writableLength ?? 0;
}

function isServers(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}
