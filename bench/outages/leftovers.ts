/** Leftovers are what a run must not leave behind: pool slots, handles, timers, listeners, circuits. */
import { getEventListeners } from 'node:events';
import type { Millis } from '@carom/core';
import { cushions } from '@carom/postgres';
import { eventually } from './patience.js';

export interface Left {
  /** Connections that nobody gave back, and callers who wait for one, with the client still open. */
  readonly slots: number;
  /** Listeners more than there were: on the pool, the process, and a signal that all callers share. */
  readonly listeners: number;
  readonly timers: number;
  /** Sockets and servers. */
  readonly handles: number;
  /** Circuits of clients that are closed. */
  readonly circuits: number;
}

export const nothing: Left = { slots: 0, listeners: 0, timers: 0, handles: 0, circuits: 0 };

export const isNothing = (left: Left): boolean => Object.values(left).every((count) => count === 0);

/** What is there now. */
export interface Look {
  readonly listeners: number;
  readonly timers: number;
  readonly handles: number;
}

/** How long things may take to go: an answer that comes late, a socket that says goodbye. */
const farewell: Millis = 10_000;

/** Looks at the process and at one signal. */
export function look(signal: AbortSignal): Look {
  const active = process.getActiveResourcesInfo();
  const count = (wanted: RegExp): number => active.filter((name) => wanted.test(name)).length;
  const ofProcess = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name as NodeJS.Signals), 0);
  return {
    listeners: ofProcess + getEventListeners(signal, 'abort').length,
    timers: count(/^(Timeout|Immediate)$/),
    handles: count(/^TCP/),
  };
}

/** Waits until a number is 0, `most` ms at most; gives what it is then. */
export async function downToZero(number: () => number, most: Millis = farewell): Promise<number> {
  await eventually(() => number() <= 0, most);
  return Math.max(0, number());
}

/** What there is more than before, once all clients are closed. */
export async function leftSince(before: Look, signal: AbortSignal): Promise<Omit<Left, 'slots'>> {
  const more = (name: keyof Look): number => look(signal)[name] - before[name];
  return {
    listeners: await downToZero(() => more('listeners')),
    handles: await downToZero(() => more('handles')),
    // Who waits here has a timer too, between two looks only.
    timers: await downToZero(() => more('timers')),
    circuits: await downToZero(() => cushions().length),
  };
}
