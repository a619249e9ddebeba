/** The contract: one suite of promises that every adapter keeps, on a real server through a proxy that breaks the way. */
import { describe } from '@jest/globals';
import { askingContract } from './asking.js';
import { autocommitContract } from './autocommit.js';
import { busyPoolContract } from './busy-pool.js';
import { callerContract } from './callers.js';
import { commitContract } from './commits.js';
import { connectingContract } from './connecting.js';
import { contentionContract } from './contention.js';
import { deadlineContract } from './deadlines.js';
import { failoverContract } from './failover.js';
import { hygieneContract } from './hygiene.js';
import { outageContract } from './outages.js';
import { parkingContract } from './parking.js';
import { roundTripContract } from './round-trips.js';
import { staleReadContract } from './stale-reads.js';
import { stormContract } from './storm.js';
import type { Adapter } from './subject.js';
import { survivalContract } from './survival.js';
import { transactionContract } from './transactions.js';
import { createWorld } from './world.js';

export function contract(adapter: Adapter): void {
  describe(`the contract, kept by ${adapter.name}`, () => {
    const world = createWorld(adapter);
    describe('single statements', () => autocommitContract(adapter, world));
    describe('transactions', () => transactionContract(adapter, world));
    describe('contention', () => contentionContract(world));
    if (adapter.settles) {
      describe('lost COMMITs', () => commitContract(adapter, world));
      describe('lost COMMITs, asked about', () => askingContract(world));
    }
    describe('round trips', () => roundTripContract(adapter, world));
    describe('stale reads', () => staleReadContract(adapter, world));
    describe('deadlines', () => deadlineContract(adapter, world));
    describe('connections', () => hygieneContract(adapter, world));
    describe('a busy pool', () => busyPoolContract(adapter, world));
    describe('outages', () => outageContract(adapter, world));
    describe('parking', () => parkingContract(adapter, world));
    describe('connecting', () => connectingContract(adapter, world));
    describe('callers', () => callerContract(adapter, world));
    describe('storm', () => stormContract(adapter, world));
  });
  describe(`the process of ${adapter.name}`, () => survivalContract(adapter));
  describe(`failover, survived by ${adapter.name}`, () => failoverContract(adapter));
}
