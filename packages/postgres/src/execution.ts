/** An execution is what an adapter plays its shots by: a strategy, the datasource it is played against, and how COMMIT is settled. */
import { createStrategy, type Strategy, systemClock, Waiters } from '@carom/core';
import type { CommitLevel, GuardRules } from './commit/guard.js';
import type { Connect } from './commit/line.js';
import { Resolver } from './commit/resolver.js';
import { ServerMemory } from './commit/server-memory.js';
import { ConnectGate } from './connection/connect-gate.js';
import { type Places, unseen } from './connection/places.js';
import { roomOf } from './connection/rooms.js';
import type { WaitingRoom } from './connection/waiting-room.js';
import {
  checkExecution,
  defined,
  type ExecutionCallOptions,
  type ExecutionOptions,
  executionDefaults,
} from './options.js';
import { closedError, createMembership, type Membership } from './outage/membership.js';
import { datasourceOf } from './outage/registry.js';
import { restOf } from './outage/rest.js';
import { cushionSettings, isCushion, mostParked } from './outage/settings.js';
import type { Classify } from './unit/attempt-log.js';

/** Where the database is: what tells two datasources apart. Never shown. */
export interface Address {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  readonly database?: string | undefined;
}

/** What else an adapter knows of its client. */
export interface ClientWays {
  /** Whether it was closed behind Carom's back. */
  readonly isClosed?: (() => boolean) | undefined;
  /** Whether it may be used again then. Default false. */
  readonly reopens?: boolean | undefined;
  /** Those of its pool. Default: nobody sees them. */
  readonly places?: Places | undefined;
  /** How it lends a connection to the prober. Default: as for questions about lost COMMITs. */
  readonly lend?: Connect | undefined;
}

/** A strategy and the datasource it is played against. */
export interface Execution {
  readonly strategy: Strategy;
  /** For people: the option `datasource`, or `postgres/<database>`. */
  readonly datasource: string;
  /** Tells datasources apart: host, port, database and name. */
  readonly key: string;
  readonly classify: Classify | undefined;
  readonly commit: CommitLevel;
  readonly exactlyOnce: boolean;
  /** Its place in the datasource that it shares with others. */
  readonly membership: Membership;
  /** Where its attempts wait for a connection. */
  readonly room: WaitingRoom;
  readonly connectPatience: number | undefined;
  readonly silence: number | false | undefined;
  readonly readFrom: object | undefined;
  /** Settles lost COMMITs; undefined where there is no way to connect beside the client. */
  readonly resolver: Resolver | undefined;
  /** What is known of the datasource's servers. */
  readonly memory: ServerMemory;
}

/**
 * Validates and completes what a wrapper was given.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function createExecution(
  given: ExecutionOptions | Strategy | undefined,
  address: Address,
  connect?: Connect,
  { isClosed, reopens = false, places = unseen, lend = connect }: ClientWays = {},
): Execution {
  const options = checkExecution(given);
  const { datasource: name, classify, commit = 'xid', exactlyOnce = false, ...rest } = options;
  const { target = 'writer', cushion: ofClient, ...others } = rest;
  const { connectPatience, silence, readFrom, ...engine } = others;
  const datasource = name ?? `postgres/${address.database ?? 'default'}`;
  const { host = '', port = 5432, database = '' } = address;
  const key = [host, port, database, name ?? ''].join(' ');
  const { clock, random } = engine;
  const source = datasourceOf(datasource, { key, clock, random });
  const cushion =
    ofClient === false || isCushion(ofClient)
      ? ofClient
      : source.cushion({ cushion: cushionSettings(ofClient), target });
  const waiters = new Waiters(() =>
    membership.isClosed || (!reopens && isClosed?.()) ? closedError(datasource) : undefined,
  );
  const { slowStart } = source;
  const room = roomOf(places, slowStart);
  const maxParked = cushion === false ? mostParked : cushion.rules.maxParked;
  const left = (): void => room.look();
  const gate = new ConnectGate({ slowStart, places, maxParked, clock: clock ?? systemClock, left });
  const shared = { budget: source.budget, ...defined(engine), cushion, waiters, gate };
  const strategy = createStrategy({ ...executionDefaults, ...shared });
  const own = cushion === false ? undefined : cushion;
  const member = { cushion: own, connect: lend, waiters, isClosed, room };
  const membership = createMembership(source, member);
  membership.open();
  const resolver =
    connect === undefined
      ? undefined
      : new Resolver({ datasource, connect, rest: restOf(own, slowStart) });
  const settlement = { commit, exactlyOnce, resolver, memory: new ServerMemory() };
  const waits = { connectPatience, silence, readFrom };
  return { strategy, datasource, key, classify, membership, room, ...waits, ...settlement };
}

/** How long COMMIT may be without an answer before the server is asked beside it, in ms, where no clock says. */
const answerWithin = 5_000;

/** The rules of the guards for one call's transactions; undefined where nothing is settled. */
export function guardRules(
  { commit, resolver, memory, strategy }: Execution,
  call: ExecutionCallOptions = {},
): GuardRules | undefined {
  const level = call.commit ?? commit;
  if (level === 'none' || resolver === undefined) return undefined;
  const options = { ...defined(strategy.options), ...defined(call) };
  const { patience = executionDefaults.patience, attemptTimeout = answerWithin } = options;
  const { timeout, signal } = options;
  return { level, resolver, memory, patience, answerWithin: attemptTimeout, timeout, signal };
}
