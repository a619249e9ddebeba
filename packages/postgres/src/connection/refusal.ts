/** A refusal is why no connection was made: the server is not there, or there and without one to spare. */
import { classify } from '../classify/classify.js';

/** `full`: for want of room at the other end, or of sockets at this one. Undefined where the next one may fare better. */
export type Refusal = 'away' | 'full' | undefined;

/** What an error of connecting says of the server. */
export function refusalOf(error: unknown): Refusal {
  const { kind } = classify(error, { phase: 'connect' });
  if (kind === 'outage') return 'away';
  // What waited in vain for a pool's own connections has no code of the server's or the system's.
  const { code } = (error ?? {}) as { readonly code?: unknown };
  const isTold = typeof code === 'string' && /^[0-9A-Z]{4,}$/.test(code);
  return kind === 'overload' && isTold ? 'full' : undefined;
}
