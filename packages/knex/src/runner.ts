/** A runner executes a builder; this one has the strategy play it. */
import { orStale } from '@carom/postgres';
import { intentOf } from './intent.js';
import type { Builder, KnexClient, Run, Runner } from './internals.js';
import { announce, playStatement, type Table } from './statement.js';
import { playStream } from './stream.js';

/** The runner that the builder gets. What runs on the caller's own connection is the caller's. */
export function makeRunner(table: Table, builder: Builder): Runner {
  const runner = table.runner(builder);
  const ensureConnection = runner.ensureConnection;
  runner.ensureConnection = (run, params) => {
    if (builder._connection) {
      announce(table, builder);
      return ensureConnection.call(runner, run, params);
    }
    if (params === undefined) return playOrStale(table, builder, run);
    runner.client = withoutRelease(runner.client);
    return playStream(table, builder, run, params);
  };
  return runner;
}

function playOrStale(table: Table, builder: Builder, run: Run): Promise<unknown> {
  const { replica, strategy } = table;
  const play = (): Promise<unknown> => playStatement(table, builder, run);
  if (replica === undefined || intentOf(builder) !== 'read') return play();
  return orStale(strategy.cushion, play, () => replica.runner(builder).ensureConnection(run));
}

/** The session gives the connection back; Knex's stream would do it a second time, whoever has it by then. */
function withoutRelease(client: KnexClient): KnexClient {
  const releaseConnection = async (): Promise<void> => {};
  return new Proxy(client, {
    get: (target, property, receiver) =>
      property === 'releaseConnection'
        ? releaseConnection
        : Reflect.get(target, property, receiver),
  });
}
