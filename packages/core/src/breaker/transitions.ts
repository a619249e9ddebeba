/** The transitions of a cushion (circuit breaker): a table from state and event to the next state. */
import { endless, type Millis } from '../clock.js';
import type { CushionRules } from './rules.js';

/** A state holds what it needs and nothing else. */
export type State =
  | { readonly at: 'closed' }
  /** `failed` probes so far in this incident: each makes the next wait longer. */
  | { readonly at: 'open'; readonly until: Millis; readonly failed: number }
  | {
      readonly at: 'half-open';
      readonly failed: number;
      /** Probes on their way. */
      readonly out: number;
      /** When a probe that has not answered loses its place. */
      readonly lease: Millis;
      /** Grows when that happens: what probes of an older round say decides nothing. */
      readonly round: number;
    }
  | { readonly at: 'isolated' };

/** What a cushion is doing. */
export type CushionState = State['at'];

/** What can happen. `chance` in [0, 1) spreads the waits of many processes, but for the first. */
export type Event =
  | { readonly type: 'trip'; readonly now: Millis; readonly chance: number }
  /** `inner`: of who is part of a probe that is on its way. */
  | { readonly type: 'knock'; readonly now: Millis; readonly inner?: boolean }
  | { readonly type: 'probe-ok' }
  | { readonly type: 'probe-failed'; readonly now: Millis; readonly chance: number }
  | { readonly type: 'probe-gone' }
  | { readonly type: 'answered' }
  | { readonly type: 'isolate' }
  | { readonly type: 'close' };

type Failure = Extract<Event, { readonly chance: number }>;
type Knock = Extract<Event, { readonly type: 'knock' }>;

export const closed: State = Object.freeze({ at: 'closed' });
const isolated: State = Object.freeze({ at: 'isolated' });

type Rules = Pick<CushionRules, 'halfOpenAfter' | 'halfOpenMax' | 'probes' | 'probeLease'>;

/** The next state; the same object where nothing changes. A knock that gets in is a new half-open state. */
export function step(state: State, event: Event, rules: Rules): State {
  switch (event.type) {
    case 'answered':
      return state.at === 'open' ? closed : state;
    case 'isolate':
      return isolated;
    case 'close':
      return closed;
    case 'trip':
      return state.at === 'closed' ? opened(0, event, rules) : state;
    case 'knock':
      return knocked(state, event, rules);
    case 'probe-ok':
      return state.at === 'half-open' ? closed : state;
    case 'probe-failed':
      return state.at === 'half-open' ? opened(state.failed + 1, event, rules) : state;
    case 'probe-gone':
      return state.at === 'half-open' && state.out > 0 ? { ...state, out: state.out - 1 } : state;
  }
}

/** When asking again makes sense, in ms from now. */
export function retryAfter(state: State, now: Millis, { probes }: Pick<Rules, 'probes'>): Millis {
  if (state.at === 'isolated') return endless;
  if (state.at === 'open') return Math.max(0, state.until - now);
  return state.at === 'half-open' && state.out >= probes ? Math.max(0, state.lease - now) : 0;
}

/** Whether permits given out in the one state still count in the other. */
export function isSameRound(a: State, b: State): boolean {
  return roundOf(a) === roundOf(b);
}

function roundOf(state: State): string | number {
  return state.at === 'half-open' ? state.round : state.at;
}

function knocked(state: State, { now, inner }: Knock, rules: Rules): State {
  const lease = now + rules.probeLease;
  if (state.at === 'open') {
    return now >= state.until
      ? { at: 'half-open', failed: state.failed, out: 1, lease, round: 0 }
      : state;
  }
  if (state.at !== 'half-open') return state;
  if (state.out < rules.probes) return { ...state, out: state.out + 1, lease };
  if (now >= state.lease) return { ...state, out: 1, lease, round: state.round + 1 };
  // The probe would wait for itself. It has one lease.
  return inner ? { ...state, out: state.out + 1 } : state;
}

/** Open for `halfOpenAfter`, doubled by each failed probe and then less up to a fifth by chance. */
function opened(failed: number, { now, chance }: Failure, rules: Rules): State {
  const wait = Math.min(rules.halfOpenMax, rules.halfOpenAfter * 2 ** failed);
  // A time that is no number would never be over.
  const less = failed > 0 && chance >= 0 && chance < 1 ? chance / 5 : 0;
  return { at: 'open', until: now + wait * (1 - less), failed };
}
