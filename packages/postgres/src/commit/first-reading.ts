/** The first reading is what has to be known of the server that a connection leads to: read with its first BEGIN, in the same flight. */
import { isCaromError } from '@carom/core';
import { parseReading, readingExpression } from './incarnation.js';
import { groundExpression, parseGround } from './origin.js';
import type { ServerMemory } from './server-memory.js';
import { tokensMissing, tokensThere } from './tokens.js';
import { isRefusal, type WireClient } from './wire.js';

/** Sends a text, and gives the client's result. */
type Send<T> = (text: string) => PromiseLike<T>;

/** For whom it is read. */
export interface Reader {
  readonly level: 'xid' | 'fence';
  readonly memory: ServerMemory;
  readonly client: WireClient;
}

/** What there is to read; undefined where it was read before. */
export function readingFor({ level, memory, client }: Reader): string | undefined {
  if (level === 'fence') {
    return memory.groundOf(client) === undefined
      ? groundExpression(tokensThere, memory.anonymous)
      : undefined;
  }
  const known = memory.mistrust !== undefined || memory.of(client) !== undefined;
  return known ? undefined : readingExpression(memory.version);
}

/**
 * Sends BEGIN behind the reading, which is in a transaction of its own, so that the caller's has not asked anything yet
 * (`SET TRANSACTION` and LOCK want to be first).
 * @throws {CaromError} `CAROM_FENCE_MISSING` where the fence has no table.
 */
export async function readAndBegin<T>(
  reader: Reader,
  reading: string,
  text: string,
  send: Send<T>,
): Promise<T> {
  const { level, memory, client } = reader;
  let result: unknown;
  try {
    result = await send(`BEGIN READ ONLY; SELECT ${reading} AS carom; ROLLBACK; ${text}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await send('ROLLBACK');
    const isUnreadable = cannotBeRead(error);
    if (isUnreadable && level === 'fence' && !memory.anonymous) {
      return await beginAnonymous(reader, text, send);
    }
    const begun = await send(text);
    // A BEGIN that is wrong itself is refused once more.
    if (isUnreadable && level === 'xid') memory.mistrust = 'the server could not be read';
    return begun;
  }
  const [, read, , begun] = result as { readonly rows?: readonly unknown[] }[];
  const value = firstValue(read?.rows?.[0]);
  if (level === 'xid') memory.learn(client, parseReading(value));
  else {
    const { tokens, ground } = parseGround(value);
    if (!tokens) {
      await send('ROLLBACK');
      throw tokensMissing();
    }
    memory.learnGround(client, ground);
  }
  return begun as T;
}

/** The same where the server may not be asked which one it is. */
async function beginAnonymous<T>(reader: Reader, text: string, send: Send<T>): Promise<T> {
  const { memory } = reader;
  memory.anonymous = true;
  try {
    return await readAndBegin(reader, groundExpression(tokensThere, true), text, send);
  } catch (error) {
    memory.anonymous = isCaromError(error);
    throw error;
  }
}

/** Of a right or a function that is not there; all else may pass: a statement's timeout, a lock, a server that is full. */
function cannotBeRead(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^(?:42|0A|3F)/.test(code);
}

/** Rows come as the driver was told: arrays or objects. */
function firstValue(row: unknown): unknown {
  return Array.isArray(row) ? row[0] : (row as { readonly carom?: unknown } | undefined)?.carom;
}
