/** The world of what is measured: a server of one version, transactions under guard on it, and a resolver that asks it. */
import {
  askLater,
  CommitGuard,
  commitTokensSql,
  createExecution,
  type Execution,
  guardRules,
  type OwnClient,
  type Settled,
  type Ticket,
} from '@carom/postgres';
import { type Cluster, type ClusterOptions, type Server, startCluster } from '@carom/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import { until } from '../testing/waiting.js';
import type { Version } from './versions.js';

export { until } from '../testing/waiting.js';

/** For what one look found. */
export type Seen = { readonly outcome: string; readonly reason: string } | 'running' | 'waiting';

/** A transaction on a connection of its own, up to where COMMIT would be sent. */
export interface Original {
  readonly client: pg.Client;
  readonly guard: CommitGuard;
  readonly pid: number;
  /** Sends a statement of the caller's. */
  send(sql: string): Promise<pg.QueryResult>;
  /** With what it would be asked about. */
  ticket(): Promise<Ticket>;
  /** Sends COMMIT past the guard; what becomes of it is an answer as well. */
  commit(): Promise<unknown>;
  /** Its client is gone without a word. */
  vanish(): void;
}

/** How it begins. */
export interface Beginning {
  readonly level?: 'xid' | 'fence';
  /** What it writes first. */
  readonly mark?: string;
  readonly text?: string;
  readonly as?: pg.ClientConfig;
}

export interface World {
  readonly cluster: Cluster;
  readonly primary: Server;
  connect(overrides?: pg.ClientConfig): Promise<pg.Client>;
  begin(how?: Beginning): Promise<Original>;
  /** Asks until it is settled, for half a minute at most. */
  settle(ticket: Ticket): Promise<Settled>;
  /** Asks until the first look is over. */
  look(ticket: Ticket, as?: pg.ClientConfig): Promise<Seen>;
  /** Asks as another process does, some time later. */
  later(ticket: Ticket): Promise<Settled>;
  rows(mark: string): Promise<number>;
  ask<T = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

/** As long as a busy machine may need. */
const patience = 30_000;

/** Nothing but the tests writes to the log, so that a crash loses what was not committed, its transaction id included. */
const untouched = {
  autovacuum: 'off',
  bgwriter_delay: '10s',
  checkpoint_timeout: '1h',
  wal_writer_delay: '10s',
};

/** Ends a connection as a crash of its client does. */
function hangUp(client: pg.Client): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy();
}

/** Starts a server before the tests that are described around the call, and ends it after them. */
export function createWorld({ binaries }: Version, options: ClusterOptions = {}): World {
  let cluster: Cluster;
  let clients: pg.Client[] = [];
  let execution: Execution;

  async function opened(overrides: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ ...cluster.primary.config, ...overrides });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
  async function connect(overrides?: pg.ClientConfig): Promise<pg.Client> {
    const client = await opened(overrides);
    clients.push(client);
    return client;
  }
  /** How the resolver connects; a test may have it ask elsewhere, or as somebody else. */
  let asked: pg.ClientConfig = {};
  const own = async (): Promise<OwnClient> => (await opened(asked)) as unknown as OwnClient;
  async function ask<T>(sql: string, values?: readonly unknown[]): Promise<T[]> {
    return (await cluster.primary.query(sql, values)).rows as T[];
  }

  beforeAll(async () => {
    const settings = { ...untouched, ...options.settings };
    cluster = await startCluster({
      ...options,
      settings,
      ...(binaries === undefined ? {} : { binaries }),
    });
    await ask(`CREATE TABLE marks (mark text NOT NULL); ${commitTokensSql}`);
  }, 60_000);
  afterAll(() => cluster?.stop(), 60_000);
  beforeEach(() => {
    execution = createExecution({ patience, datasource: 'measured' }, {}, own);
  });
  afterEach(() => {
    for (const client of clients) hangUp(client);
    clients = [];
  });

  return {
    get cluster() {
      return cluster;
    },
    get primary() {
      return cluster.primary;
    },
    connect,
    async begin({ level = 'xid', mark, text = 'BEGIN', as } = {}) {
      const client = await connect(as);
      const rules = guardRules(execution, { commit: level });
      if (rules === undefined) throw new Error('nothing is settled at this level');
      const guard = new CommitGuard(rules, client as never, client.query as never, () => false);
      await guard.begin(text, (sql) => client.query(sql));
      const send = (sql: string): Promise<pg.QueryResult> =>
        guard.send(sql, [sql]) as Promise<pg.QueryResult>;
      if (mark !== undefined) await send(`INSERT INTO marks VALUES ('${mark}')`);
      const { processID: pid } = client as unknown as { readonly processID: number };
      return {
        ...{ client, guard, pid, send },
        async ticket() {
          await guard.prepare();
          if (guard.ticket === undefined) throw new Error('it has no ticket');
          return guard.ticket;
        },
        commit: () => client.query('COMMIT').catch((error: unknown) => error),
        vanish: () => hangUp(client),
      };
    },
    async settle(ticket) {
      return (await execution.resolver?.settle(ticket, { patience }))?.outcome ?? 'unknown';
    },
    async look(ticket, as = {}) {
      asked = as;
      const first = new AbortController();
      let seen: Seen | undefined;
      const onPending = (running: boolean): void => {
        seen ??= running ? 'running' : 'waiting';
        first.abort();
      };
      const question = { patience, signal: first.signal, onPending };
      const found = await execution.resolver?.settle(ticket, question);
      asked = {};
      return seen ?? { outcome: found?.outcome ?? '', reason: found?.reason ?? '' };
    },
    later: (ticket) => askLater(JSON.stringify(ticket), own),
    async rows(mark) {
      const sql = 'SELECT count(*)::int AS n FROM marks WHERE mark = $1';
      return (await ask<{ n: number }>(sql, [mark]))[0]?.n ?? -1;
    },
    ask,
  };
}

/** Kills a backend as the system would, so that the whole server crashes and recovers; waits for that. */
export async function crash(server: Server, pid: number): Promise<void> {
  const lives = (): number => server.log.split('ready to accept connections').length;
  const before = lives();
  process.kill(pid, 'SIGKILL');
  await until(() => lives() > before);
}

/** Resolves once so many backends wait for a standby. */
export const waitingForStandby = (world: World, count: number = 1): Promise<void> =>
  until(
    async () =>
      (await world.ask("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length >=
      count,
  );
