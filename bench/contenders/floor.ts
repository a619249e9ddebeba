/** The floor: the least that does what a row promises, with no policy in it. What is nearer to the base cannot be had. */
import { AsyncResource } from 'node:async_hooks';
import { setTimeout as schedule } from 'node:timers';
import type { Contender } from '../contender.js';
import { neverFires, succeed } from '../work.js';

const by = 'floor';

let resolveCaptured: (value: unknown) => void;
let rejectCaptured: (reason: unknown) => void;
const capture = (resolve: typeof resolveCaptured, reject: typeof rejectCaptured): void => {
  resolveCaptured = resolve;
  rejectCaptured = reject;
};
const settled = Promise.resolve();

/** Handlers that were made once: to hear how an attempt ended takes one promise more. */
const same = (value: unknown): unknown => value;
const thrown = (error: unknown): never => {
  throw error;
};

/** A promise that a clock can end as well: when it is due, and the caller's async context for what follows then. */
function endable(): Promise<unknown> {
  const promise = new Promise(capture as never);
  const resolve = resolveCaptured;
  kept.context = new AsyncResource('Floor');
  kept.due = performance.now() + neverFires;
  void succeed().then(resolve, rejectCaptured);
  return promise;
}
/** Kept, so that nothing is optimised away. */
const kept: { context: unknown; due: number } = { context: undefined, due: 0 };

/** An error that can be told apart, and says when to ask again. */
class Refusal extends Error {
  readonly code = 'REFUSED';
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** A fresh error without a stack, in a promise that nobody takes for unhandled. */
function refused(): Promise<never> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Refusal('the circuit breaker is open', neverFires - performance.now());
  Error.stackTraceLimit = stackTraceLimit;
  const promise = new Promise<never>(capture as never);
  const reject = rejectCaptured;
  void settled.then(() => reject(error));
  return promise;
}

/** A timer that does not keep the process, made and taken back. */
function timer(): void {
  clearTimeout(schedule(() => {}, neverFires).unref());
}

export function floorContenders(): readonly Contender[] {
  return [
    {
      row: 'success',
      by,
      turn: 'sink = await fn().then(same, thrown);',
      names: { fn: succeed, same, thrown },
    },
    { row: 'clocked', by, turn: 'sink = await endable();', names: { endable } },
    {
      row: 'rejected',
      by,
      turn: 'try { await refused(); } catch (error) { sink = error; }',
      names: { refused },
    },
    { row: 'transition', by, turn: 'timer();', names: { timer }, perTurn: 2 },
  ];
}
