/** The rooms of a pool: one for each datasource, however often the pool is wrapped. Two would ask it for twice as many as it has. */
import { processWide } from '@carom/core';
import { type Places, unseen } from './places.js';
import type { SlowStart } from './slow-start.js';
import { WaitingRoom } from './waiting-room.js';

const rooms: WeakMap<Places, WeakMap<SlowStart, WaitingRoom>> = processWide(
  'waiting-rooms',
  () => new WeakMap(),
);

/** That of a pool, by its places, in a datasource, by its slow start. A pool that nobody sees may be another one each time. */
export function roomOf(places: Places, slowStart: SlowStart): WaitingRoom {
  if (places === unseen) return new WaitingRoom(places, slowStart);
  let ofPool = rooms.get(places);
  if (ofPool === undefined) {
    ofPool = new WeakMap();
    rooms.set(places, ofPool);
  }
  let room = ofPool.get(slowStart);
  if (room === undefined) {
    room = new WaitingRoom(places, slowStart);
    ofPool.set(slowStart, room);
  }
  return room;
}
