/** Whether a bounce can be afforded: the retry budget's word on a decision. */
import type { Millis } from '../clock.js';
import { type Decision, stop } from '../retry/decide.js';
import { announce } from '../telemetry/announce.js';
import { decided } from '../telemetry/decided.js';
import { spentOn } from './failure.js';
import { failedWith, type Told } from './telling.js';

/** What is known of the shot. */
interface Spender extends Told {
  /** How long it may still wait. */
  readonly patience: Millis;
}

/**
 * The last word is the budget's, so that only what would be played is paid for: not what will be parked, since
 * the cushion lets those in one after the other.
 */
export function afford(spender: Spender, decision: Decision, now: Millis): Decision {
  const { rules, last } = spender;
  if (rules.budget === undefined || !decision.bounce || !last || last.verdict.gated)
    return decision;
  const { circuit } = rules;
  if (circuit?.state === 'open' && circuit.rules.whenOpen === 'park') return decision;
  const kind = spentOn(last);
  const { delay } = decision;
  const wait = rules.budget.wait(now, kind, spender.patience - delay);
  if (wait !== undefined) return { bounce: true, delay: delay + wait };
  const why = 'the retry budget is used up';
  announce('budgetExhausted', () => failedWith(spender, last, decided('stop', why)));
  return stop(why);
}
