/** Announcing an event to the scoreboard (telemetry): two look-ups while nobody listens. */
import { tellAll } from '../listener.js';
import { board } from './board.js';
import { channelOf } from './channels.js';
import type { ScoreboardEvents } from './events.js';

/** Whether somebody hears of `event`. */
export function isHeard(event: string): boolean {
  return board.listeners.has(event) || channelOf(event).hasSubscribers;
}

/** Tells the listeners of `event`, if there are any; only then is `detail` called. */
export function announce<
  Events extends object = ScoreboardEvents,
  E extends keyof Events & string = keyof Events & string,
>(event: E, detail: () => Events[E]): void {
  const listeners = board.listeners.get(event);
  const channel = channelOf(event);
  if (listeners === undefined && !channel.hasSubscribers) return;
  const told = Object.freeze(detail());
  if (listeners !== undefined) tellAll(listeners, told);
  channel.publish(told);
}
