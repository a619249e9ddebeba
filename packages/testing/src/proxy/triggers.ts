/** A trigger is a condition on what a client does. */
import type { Trigger } from './faults.js';
import type { ClientEvent } from './statements.js';

/** Whether an event sets off a trigger; `nth` counts statements since the injection. */
export function triggers(at: Trigger, event: ClientEvent, nth: number): boolean {
  if (at === 'connect' || at === 'cancel') return event.kind === at;
  if (event.kind !== 'statement') return false;
  if (at === 'statement') return true;
  if (typeof at === 'string') return event.commands.includes(at);
  if ('query' in at) return nth >= at.query;
  if (typeof at.matches === 'string') return event.sql.includes(at.matches);
  // A copy: a sticky or global expression has a memory of its own.
  return new RegExp(at.matches).test(event.sql);
}
