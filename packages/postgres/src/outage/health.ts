/** Health is what an operator sees of the datasources, and what a readiness check asks for. */
import { type Cushion, type CushionState, type Millis, systemClock } from '@carom/core';
import type { Datasource } from './datasource.js';
import { datasources } from './registry.js';

/** `down`: its circuit is open or isolated. `degraded`: it recovers, too many of its calls fail, or it gives out no connections. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** How one datasource is. */
export interface Health {
  readonly datasource: string;
  readonly status: HealthStatus;
  /** For how long it has been so, in ms. A change from `up` to `degraded` and back is noticed when somebody looks. */
  readonly since: Millis;
  /** What was found when the server was asked last, while it is down: a code, or that it takes no writes. */
  readonly reason?: string;
}

/** One circuit breaker, to look at and to work by hand. */
export interface CushionReport {
  readonly datasource: string;
  readonly state: CushionState;
  /** For how long it has been so, in ms. */
  readonly since: Millis;
  /** When asking again makes sense, in ms from now; 0 while it lets shots in, `Infinity` while isolated. */
  readonly retryAfter: Millis;
  /** How many shots wait for it. */
  readonly parked: number;
  readonly reason?: string;
  /** Keeps every shot out until `close()`. */
  isolate(): void;
  /** Closes it, whatever it saw. */
  close(): void;
}

/** The worst first. */
const statuses: readonly HealthStatus[] = ['down', 'degraded'];

/** From this share of failures among the recent calls on, and so many of them, a datasource is `degraded`. */
const worrying = { share: 0.1, failures: 3 };

/** The circuit breakers of all clients: one for each datasource, besides those that clients brought themselves. */
export function cushions(): readonly CushionReport[] {
  return datasources().flatMap((datasource) =>
    cushionsOf(datasource).map((cushion) => {
      const { state, retryAfter, parked } = cushion;
      return {
        datasource: datasource.name,
        state,
        since: lasting(cushion.circuit, datasource, state),
        retryAfter,
        parked,
        ...reasonOf(datasource),
        isolate: () => cushion.isolate(),
        close: () => cushion.close(),
      };
    }),
  );
}

/** How the datasources of all clients are: the worst of its circuit breakers is what a datasource is. */
export function health(): readonly Health[] {
  return datasources().map(healthOf);
}

function healthOf(datasource: Datasource): Health {
  const all = cushionsOf(datasource).map(statusOf);
  if (datasource.slowStart.isFull) all.push('degraded');
  const status = statuses.find((one) => all.includes(one)) ?? 'up';
  const since = lasting(datasource, datasource, status);
  return { datasource: datasource.name, status, since, ...reasonOf(datasource) };
}

function cushionsOf({ members }: Datasource): readonly Cushion[] {
  const all = [...members].flatMap(({ cushion }) => (cushion === undefined ? [] : [cushion]));
  return [...new Map(all.map((cushion) => [cushion.circuit, cushion])).values()];
}

function statusOf({ state, parked, circuit }: Cushion): HealthStatus {
  if (state === 'open' || state === 'isolated') return 'down';
  const { failed, total } = circuit.recent;
  const ails = failed >= worrying.failures && failed / total >= worrying.share;
  return state === 'half-open' || parked > 0 || ails ? 'degraded' : 'up';
}

function reasonOf({ finding }: Datasource): { readonly reason?: string } {
  return finding === undefined ? {} : { reason: finding };
}

/** Takes note of how it is now. */
export function look(datasource: Datasource): void {
  healthOf(datasource);
  for (const cushion of cushionsOf(datasource)) lasting(cushion.circuit, datasource, cushion.state);
}

/** Takes note of how it is when a client begins to use it, unless there is a note of it. */
export function note(datasource: Datasource, cushion: Cushion | undefined): void {
  const isNoted = cushion === undefined || lastSeen.has(cushion.circuit);
  if (!isNoted || !lastSeen.has(datasource)) look(datasource);
}

const lastSeen: WeakMap<object, { readonly what: string; readonly at: Millis }> = new WeakMap();

/** Since when somebody who looks sees the same, in ms. */
function lasting(of: object, { identity }: Datasource, what: string): Millis {
  const now = (identity.clock ?? systemClock).now();
  const last = lastSeen.get(of);
  if (last?.what === what) return now - last.at;
  lastSeen.set(of, { what, at: now });
  return 0;
}
