/** A runner executes a builder; this one has the strategy play it. */
import type { Builder, Runner } from './internals.js';
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
    return params === undefined
      ? playStatement(table, builder, run)
      : playStream(table, builder, run, params);
  };
  return runner;
}
