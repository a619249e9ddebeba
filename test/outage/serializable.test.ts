/** The simulation's Postgres where transactions are serializable: who is refused with 40001. */
import { describe, expect, test } from '@jest/globals';
import { readRow, updateRow } from '../../bench/outage/database/statements.js';
import { type Client, type Heard, world } from './database.js';

const serializable = 'BEGIN ISOLATION LEVEL SERIALIZABLE';

describe('serializable transactions of the simulated Postgres', () => {
  /** Two of them, each with these statements; the second begins so much later. */
  async function both(
    first: readonly (readonly [string, ...unknown[]])[],
    second: readonly (readonly [string, ...unknown[]])[],
    later: number,
  ): Promise<readonly unknown[]> {
    const { database, connect, send, pass } = world();
    const clients: readonly Client[] = [await connect(), await connect()];
    // A third one has been there from before, and sees nothing of both.
    send(await connect(), [serializable], [readRow, 9]);
    await pass(10);
    const heard: Heard[] = [];
    for (const [nth, statements] of [first, second].entries()) {
      const client = clients[nth] as Client;
      heard.push(send(client, [serializable], ...statements, ['COMMIT']));
      await pass(later);
    }
    await pass(100);
    expect(database.serializable.refused).toBe(heard.filter(({ code }) => code).length);
    return heard.map(({ code, command }) => code ?? command);
  }

  test('of two that update one row the first is committed, and the other hears of it', async () => {
    const update = [
      [readRow, 1],
      [updateRow, 1],
    ] as const;
    expect(await both(update, update, 2)).toEqual(['COMMIT', '40001']);
    expect(await both(update, update, 20)).toEqual(['COMMIT', 'COMMIT']);
    const blind = [[updateRow, 1]] as const;
    expect(await both(blind, blind, 2)).toEqual(['COMMIT', '40001']);
  });

  test('who waits for a row that is not written after all goes on', async () => {
    const { connect, send, pass } = world();
    const [gives, waits] = [await connect(), await connect()];
    send(gives, [serializable], [updateRow, 1], ['ROLLBACK']);
    const heard = send(waits, [serializable], [updateRow, 1], ['COMMIT']);
    await pass(50);
    expect(heard).toEqual({ command: 'COMMIT' });
  });

  test('of two that read what the other writes the first is committed', async () => {
    const [one, two] = [1, 2].map(
      (mine) =>
        [
          [readRow, 3 - mine],
          [updateRow, mine],
        ] as const,
    );
    expect(await both(one ?? [], two ?? [], 2)).toEqual(['COMMIT', '40001']);
    expect(await both(one ?? [], two ?? [], 20)).toEqual(['COMMIT', 'COMMIT']);
  });

  test('of two both are committed where only one has read what the other writes', async () => {
    const reads = [
      [readRow, 2],
      [updateRow, 1],
    ] as const;
    expect(await both(reads, [[updateRow, 2]], 2)).toEqual(['COMMIT', 'COMMIT']);
    expect(await both([[updateRow, 2]], reads, 2)).toEqual(['COMMIT', 'COMMIT']);
  });

  test('a third one is refused that reads what one has written who had read before what another was first to commit', async () => {
    const { connect, send, pass } = world();
    const [third, second, first] = [await connect(), await connect(), await connect()];
    send(third, [serializable], [readRow, 9]);
    send(second, [serializable], [readRow, 1], [updateRow, 2]);
    await pass(10);
    const heard = [send(first, [serializable], [updateRow, 1], ['COMMIT'])];
    await pass(20);
    heard.push(send(second, ['COMMIT']));
    await pass(10);
    heard.push(send(third, [readRow, 2], [updateRow, 3], ['COMMIT']));
    await pass(20);
    expect(heard.map(({ code, command }) => code ?? command)).toEqual([
      ...['COMMIT', 'COMMIT', '40001'],
    ]);
  });
});
