/** The resolver does not ask again and again while somebody else finds out whether the server can be asked. */
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { Resolver } from '../../src/commit/resolver.js';
import type { Ticket } from '../../src/commit/ticket.js';
import { FakeServer } from '../outage/fake-server.js';

const ticket = { level: 'xid', datasource: 'orders' } as unknown as Ticket;

function setup(delay: number) {
  const clock = new ManualClock();
  const server = new FakeServer();
  const woken = new Set<() => void>();
  const rest = {
    delay,
    onEnd(wake: () => void) {
      woken.add(wake);
      return () => woken.delete(wake);
    },
  };
  const { connect } = server;
  const resolver = new Resolver({ datasource: 'orders', connect, rest, clock });
  return { clock, server, resolver, rest, woken };
}

test('it looks once, and again when there is a change, or after the longest rest', async () => {
  const { clock, server, resolver, rest, woken } = setup(5_000);
  const settled = resolver.settle(ticket, { patience: 30_000 });
  await clock.advance(4_999);
  expect(server.connections).toBe(1);
  await clock.advance(1);
  expect(server.connections).toBe(2);
  rest.delay = 0;
  for (const wake of woken) wake();
  await clock.advance(1_000);
  expect(server.connections).toBeGreaterThan(4);
  await clock.advance(30_000);
  expect([(await settled).outcome, woken.size, clock.pending]).toEqual(['unknown', 0, 0]);
});

test('who ends the asking does not wait for the end of the rest', async () => {
  const { clock, resolver, woken } = setup(5_000);
  const stop = new AbortController();
  const settled = resolver.settle(ticket, { patience: 30_000, signal: stop.signal });
  await clock.advance(100);
  stop.abort();
  expect((await settled).outcome).toBe('unknown');
  expect([woken.size, clock.pending]).toEqual([0, 0]);
});
