import { systemClock } from '@carom/core';
import { expect, test } from '@jest/globals';
import { lookAtFence } from '../../src/commit/fence.js';
import type { OwnClient } from '../../src/commit/line.js';
import type { FenceTicket } from '../../src/commit/ticket.js';

const ticket = { level: 'fence', token: 'token', createdAt: '1' } as unknown as FenceTicket;

/** Answers as a server does to whom the token is new, or not. */
function asked(isFree: boolean) {
  const texts: string[] = [];
  const client = {
    query({ text }: { readonly text: string }): Promise<unknown> {
      texts.push(text);
      if (text.startsWith('BEGIN')) return Promise.resolve([{ rows: [] }, { rows: [['4711']] }]);
      const isThere = text.startsWith('INSERT') && isFree;
      return Promise.resolve({ rows: isThere ? [['1']] : [] });
    },
    on: () => {},
    off: () => {},
    end: () => Promise.resolve(),
  } as unknown as OwnClient;
  return { client, texts };
}

test.each([
  ['free', true, 'rolled-back', 4],
  ['taken', false, 'committed', 5],
] as const)('a token that is %s takes few messages', async (_name, isFree, outcome, messages) => {
  const { client, texts } = asked(isFree);
  const second = (): Promise<never> => Promise.reject(new Error('no second line'));
  const look = await lookAtFence(client, ticket, false, { second, clock: systemClock });
  expect([look, texts.length]).toEqual([expect.objectContaining({ outcome }), messages]);
  // Whatever goes before it is in force when the token is put in.
  const [begin = '', insert] = texts;
  expect(begin).toMatch(/^BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;.*synchronous_commit/);
  expect(begin).toMatch(/SET LOCAL lock_timeout = \d+/);
  expect(insert).toMatch(/^INSERT INTO carom.commit_tokens/);
});
