/** A runner executes a builder; this one has the strategy play it. */
import { orStale, statementShot } from '@carom/postgres';
import { intentOf, nameOf } from './intent.js';
import type { Builder, KnexClient, Run, Runner, StreamParams } from './internals.js';
import { isSingleWrite, onceShot } from './once.js';
import { BuilderStatement } from './statement.js';
import { playStream } from './stream.js';
import type { Table } from './table.js';

/** Makes the runners of builders. What runs on the caller's own connection is the caller's. */
export function runnersOf(table: Table): (builder: Builder) => Runner {
  // One for all of them: Knex calls it as a method.
  function ensureConnection(this: Runner, run: Run, params?: StreamParams): Promise<unknown> {
    if (params === undefined) return playOrStale(table, this, run);
    this.client = withoutRelease(this.client);
    return playStream(table, this.builder, run, params);
  }
  return (builder) => {
    const runner = table.runner(builder);
    if (builder._connection) announce(table, builder);
    else runner.ensureConnection = ensureConnection;
    return runner;
  };
}

/** Tells the units around it of a builder that runs on a connection of the caller's: off their handle too. */
function announce({ base }: Table, builder: Builder): void {
  const play = (): Promise<undefined> => Promise.resolve(undefined);
  statementShot({ base, name: nameOf(builder), intent: () => intentOf(builder), play });
}

function playOrStale(table: Table, runner: Runner, run: Run): Promise<unknown> {
  const { replica } = table;
  if (replica === undefined || intentOf(runner.builder) !== 'read') return play(table, runner, run);
  return readOrStale(table, replica, runner, run);
}

// Apart, since what its closures remember is allocated where it is called.
function readOrStale(
  table: Table,
  replica: KnexClient,
  runner: Runner,
  run: Run,
): Promise<unknown> {
  const { strategy } = table;
  const { builder } = runner;
  return orStale(
    strategy.cushion,
    () => play(table, runner, run),
    () => replica.runner(builder).ensureConnection(run),
  );
}

function play(table: Table, runner: Runner, run: Run): Promise<unknown> {
  const { strategy, rules, guarding } = table;
  const statement = new BuilderStatement(table, runner, run);
  const isOnce = table.exactlyOnce && guarding !== undefined && isSingleWrite(runner.builder);
  return strategy.play(
    isOnce ? onceShot(table, statement, guarding) : statementShot(statement),
    rules,
  );
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
