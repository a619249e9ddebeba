/** Channels are the scoreboard (telemetry) on `node:diagnostics_channel`, where Node's own tools listen. */
import { type Channel, channel, tracingChannel } from 'node:diagnostics_channel';
import { processWide } from '../process-wide.js';
import { board } from './board.js';
import { everyShotEvents } from './names.js';

const channels = new Map<string, Channel>();

/** The channel of an event: `carom:shotRetry`. One object for each name, since looking one up is not free. */
export function channelOf(event: string): Channel {
  let known = channels.get(event);
  if (known === undefined) {
    known = channel(`carom:${event}`);
    channels.set(event, known);
  }
  return known;
}

/** One trace per shot: `tracing:carom:shot:start`, `:end`, `:asyncStart`, `:asyncEnd`, `:error`. */
export const shotTracing: ReturnType<typeof tracingChannel> = tracingChannel('carom:shot');

const { start, end, asyncStart, asyncEnd, error } = shotTracing;
const ofTrace: readonly Channel[] = [start, end, asyncStart, asyncEnd, error];

/** Whether somebody traces shots. */
export function isTraced(): boolean {
  return ofTrace.some(({ hasSubscribers }) => hasSubscribers);
}

/**
 * Counts a channel's having subscribers among those who hear of every shot. A channel is asked whenever that may have
 * changed, by way of its own methods: to ask all of them before each shot would cost more than the shot.
 */
function count(counted: Channel): void {
  let before = 0;
  const look = (result?: unknown): unknown => {
    const now = counted.hasSubscribers ? 1 : 0;
    board.everyShot += now - before;
    before = now;
    return result;
  };
  for (const method of ['subscribe', 'unsubscribe', 'bindStore', 'unbindStore'] as const) {
    Object.defineProperty(counted, method, {
      configurable: true,
      writable: true,
      // Looked up each time: with its first subscriber a channel changes its prototype.
      value: (...args: readonly unknown[]): unknown =>
        look(Object.getPrototypeOf(counted)[method].call(counted, ...args)),
    });
  }
  // Tools that trace subscribe before what they trace is loaded.
  look();
}

// Once for the process, as the board; and what is not held on to would be collected, methods and all.
processWide('counted-channels', () => {
  const counted = [...ofTrace, ...everyShotEvents.map(channelOf)];
  for (const one of counted) count(one);
  return counted;
});
