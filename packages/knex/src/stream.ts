/** A stream is one statement whose rows are handed out as they come; it is bounced (retried) until the first has been. */
import { Transform } from 'node:stream';
import type { Attempt } from '@carom/core';
import { type AttemptLog, completions, statementShot } from '@carom/postgres';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { Builder, Compiled, Run, StreamParams } from './internals.js';
import { concludeLate } from './late.js';
import { Session } from './session.js';
import type { Table } from './table.js';
import { tap } from './tap.js';

/** What an attempt has sent; the shot asks for that of the last one. */
interface Sent {
  statements: readonly Compiled[];
}

/**
 * Plays the stream to its end. The shot, and with it every clock, ends at the first row: how long the rest
 * takes is the reader's business. A stream that fails is destroyed with its error; plain Knex lets one
 * whose connection was lost hang.
 */
export async function playStream(
  table: Table,
  builder: Builder,
  run: Run,
  params: StreamParams,
): Promise<void> {
  const { stream: out } = params;
  const sent: Sent = { statements: [] };
  let attempts = 0;
  const shot = statementShot<Flow | undefined>({
    base: table.base,
    name: nameOf(builder),
    intent: () => intentOf(builder),
    refusal: () => refusalOf(sent.statements),
    play: async (attempt, log) => {
      attempts = attempt.attempt;
      // The reader may have left during a delay.
      if (out.destroyed) return undefined;
      const session = await Session.open(table, attempt, log);
      const flow = new Flow(session, out, attempt, log);
      const runner = table.runner(builder);
      runner.connection = session.connection;
      return await flow.begin((stream) => run(runner, { ...params, stream }), sent);
    },
  });
  try {
    const flow = await table.strategy.play(shot, table.rules);
    const signal = table.rules?.signal ?? table.strategy.options.signal;
    await flow?.toItsEnd(signal).catch((error: unknown) => {
      throw concludeLate(shot, error, attempts, 'rows had been handed out already');
    });
  } catch (error) {
    // Not thrown: Knex itself would emit it a second time.
    out.destroy(error as Error);
  }
}

/** The rows of one attempt on their way from the cursor to the reader, by a stage between the two. */
class Flow {
  readonly #session: Session;
  readonly #out: Transform;
  readonly #log: AttemptLog;
  readonly #stage: Transform;
  #end: Promise<void> = Promise.resolve();
  #onRow: () => void = () => {};

  constructor(session: Session, out: Transform, attempt: Attempt, log: AttemptLog) {
    this.#session = session;
    this.#out = out;
    this.#log = log;
    this.#stage = new Transform({
      objectMode: true,
      transform: (row: unknown, _encoding, callback) => {
        // A row of an attempt that was given up would come on top of those of the next.
        if (log.abandoned) return callback();
        this.#onRow();
        callback(null, row);
      },
    });
    // What goes wrong comes by the promise; Knex emits it here as well.
    this.#stage.on('error', () => {});
    this.#stage.on('pipe', (source) => {
      this.#stage.once('close', () => source.destroy());
    });
    if (attempt.abandonable) {
      attempt.signal.addEventListener('abort', () => this.#leave(), { once: true });
    }
  }

  /** Resolves with the first row, or with the end when there is none. */
  async begin(run: (stage: Transform) => Promise<unknown>, sent: Sent): Promise<this> {
    const firstRow = new Promise<void>((resolve) => {
      this.#onRow = resolve;
    });
    this.#stage.pipe(this.#out);
    this.#end = this.#play(run, sent);
    await Promise.race([firstRow, this.#end]);
    return this;
  }

  /** Resolves when all rows are handed out or the reader has left. */
  async toItsEnd(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => {
      this.#session.close('discard');
      this.#out.destroy(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    try {
      await this.#end;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #play(run: (stage: Transform) => Promise<unknown>, sent: Sent): Promise<void> {
    const { connection } = this.#session;
    const before = completions(connection);
    const statements: Compiled[] = [];
    sent.statements = statements;
    let untap = (): void => {};
    // Knex waits for the last row, which never comes when the reader leaves before.
    const closed = new Promise<void>((resolve, reject) => {
      untap = tap(connection, (sql = '') => {
        statements.push({ sql });
        this.#log.phase = 'statement';
        return (error) => (error === undefined ? resolve() : reject(error as Error));
      });
    });
    try {
      await Promise.race([run(this.#stage).catch(unlessNothing), closed]);
      this.#session.close('keep');
    } catch (error) {
      const after = completions(connection);
      if (before !== undefined && after !== undefined) this.#log.completed = after > before;
      this.#session.close(statements.length === 0 ? 'keep' : this.#log.verdict(error).connection);
      this.#leave();
      throw error;
    } finally {
      untap();
    }
  }

  #leave(): void {
    this.#stage.unpipe(this.#out);
    this.#stage.destroy();
  }
}

/** Knex 3.1 rejects with `null` when all went well: the cursor is at its end. */
function unlessNothing(error: unknown): void {
  if (error !== null) throw error;
}
