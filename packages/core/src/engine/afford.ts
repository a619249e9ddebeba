/** Whether a bounce can be afforded: the retry budget's word on a decision. */
import type { Millis } from '../clock.js';
import type { Decision } from '../retry/decide.js';
import { announce } from '../telemetry/announce.js';
import type { ShotEvent } from '../telemetry/events.js';
import { type Failure, shown } from './failure.js';
import type { Rules } from './rules.js';

/** What is known of the shot. */
interface Spender {
  readonly rules: Rules;
  readonly last: Failure | undefined;
  readonly attempts: number;
  readonly who: ShotEvent;
}

/** The last word is the budget's, so that only what would be played is paid for. */
export function afford(spender: Spender, decision: Decision, now: Millis): Decision {
  const { rules, last, attempts: attempt, who } = spender;
  if (rules.budget === undefined || last === undefined) return decision;
  const kind = last.verdict.kind === 'contention' ? 'contention' : 'outage';
  if (rules.budget.spend(now, kind)) return decision;
  announce('budgetExhausted', () => ({ ...who, attempt, ...shown(last) }));
  return { bounce: false, why: 'the retry budget is used up' };
}
