/** A runner executes a builder; this one has the strategy play it. */
import type { Builder, KnexClient, Runner } from './internals.js';
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
    if (params === undefined) return playStatement(table, builder, run);
    runner.client = withoutRelease(runner.client);
    return playStream(table, builder, run, params);
  };
  return runner;
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
