/** A ticket that has been somewhere else is read with care: what it says is compared with what a server says. */
import { expect, test } from '@jest/globals';
import { readTicket } from '../../src/commit/ticket.js';

const incarnation = {
  system: '7600000000000000000',
  timeline: '00000001',
  started: '1700000000.123456',
  stamps: { bgwriter: '1700000000.1', wal: '1700000000.2' },
};
const xid = {
  ...{ carom: 1, level: 'xid', datasource: 'orders', durability: 'on' },
  ...{ xid: '4711', incarnation },
};
const origin = { system: '7600000000000000000', database: '5', started: '1700000000', xid: '1' };
const fence = {
  ...{
    carom: 1,
    level: 'fence',
    datasource: 'orders',
    durability: 'on',
    createdAt: '1700000000.5',
  },
  ...{ token: '0b7d3b5e-8a51-4f2c-9d0a-3f6f0a9b7c11', origin },
};

test.each([xid, fence])('one of each level, as an object and as its JSON', (ticket) => {
  expect(readTicket(ticket)).toEqual(ticket);
  expect(readTicket(JSON.stringify(ticket))).toEqual(ticket);
});

test('one that was made before it said where its token is', () => {
  const { origin: _, ...old } = fence;
  expect(readTicket(old)).toEqual(old);
});

test.each([
  ['a stamp that is undefined, as every one that the server has not', { other: undefined }],
  ['a stamp that is a number', { bgwriter: 1_700_000_000.1 }],
  ['a stamp that is a function', { toString: Object.prototype.toString }],
  ['stamps that are a text', 'none'],
  ['stamps that are a list', ['1700000000.1']],
])('not one with %s', (_name, stamps) => {
  const tampered = { ...xid, incarnation: { ...incarnation, stamps } };
  expect(() => readTicket(tampered)).toThrow('not the ticket');
});

test.each([
  ['no system', { system: undefined }],
  ['a system that is a number', { system: 7_600_000_000_000_000_000 }],
  ['a strange database', { database: 'orders' }],
  ['a strange start', { started: 'yesterday' }],
  ['no id', { xid: undefined }],
])('not one whose token is of %s', (_name, wrong) => {
  expect(() => readTicket({ ...fence, origin: { ...origin, ...wrong } })).toThrow('not the ticket');
});
