/** What goes wrong with the first reading of a server is not held against it for ever, unless it says that it cannot be read. */
import { expect, test } from '@jest/globals';
import { readAndBegin, readingFor } from '../../src/commit/first-reading.js';
import { ServerMemory } from '../../src/commit/server-memory.js';
import type { WireClient } from '../../src/commit/wire.js';

const refusal = (code: string): Error =>
  Object.assign(new Error('refused'), { code, severity: 'ERROR' });

/** A client on which each reading is refused. */
async function refusedReading(level: 'xid' | 'fence', code: string) {
  const client = {} as WireClient;
  const memory = new ServerMemory();
  const reader = { level, memory, client };
  const texts: string[] = [];
  const send = async (text: string): Promise<string> => {
    texts.push(text);
    if (text.includes('SELECT')) throw refusal(code);
    return text;
  };
  const result = await readAndBegin(reader, readingFor(reader) ?? '', 'BEGIN', send);
  return { result, texts, memory, again: readingFor(reader) };
}

test.each(['57014', '55P03', '53200', '40001', 'XX000'])(
  'an error that passes (%s): the transaction begins, and the next one asks again',
  async (code) => {
    for (const level of ['xid', 'fence'] as const) {
      const { result, texts, again, memory } = await refusedReading(level, code);
      expect([result, texts.slice(1), memory.mistrust]).toEqual([
        'BEGIN',
        ['ROLLBACK', 'BEGIN'],
        undefined,
      ]);
      expect([again, memory.anonymous]).toEqual([expect.any(String), false]);
    }
  },
);

test.each(['42501', '42883', '0A000'])(
  'a server that says that it cannot be read (%s) is not asked again',
  async (code) => {
    const { result, memory, again } = await refusedReading('xid', code);
    expect([result, memory.mistrust, again]).toEqual([
      'BEGIN',
      'the server could not be read',
      undefined,
    ]);
  },
);

test('at level 2 it is asked for the table alone then', async () => {
  const { texts, memory } = await refusedReading('fence', '42501');
  const [whole, , rest] = texts;
  expect([whole, rest]).toEqual([
    expect.stringContaining('pg_control_system'),
    expect.not.stringContaining('pg_control_system'),
  ]);
  expect(memory.anonymous).toBe(true);
});

test('a BEGIN that is wrong itself says nothing about the server', async () => {
  for (const level of ['xid', 'fence'] as const) {
    const reader = { level, memory: new ServerMemory(), client: {} as WireClient };
    const send = async (text: string): Promise<string> => {
      if (text.includes('nonsense')) throw refusal('42601');
      return text;
    };
    const work = readAndBegin(reader, readingFor(reader) ?? '', 'BEGIN nonsense', send);
    await expect(work).rejects.toMatchObject({ code: '42601' });
    const { mistrust, anonymous } = reader.memory;
    expect([mistrust, anonymous]).toEqual([undefined, false]);
  }
});
