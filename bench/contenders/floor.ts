/** The floor: the least that does what a row promises, with no policy in it. What is nearer to the base cannot be had. */
import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setTimeout as schedule } from 'node:timers';
import type { Contender } from '../contender.js';
import { fail, neverFires, succeed } from '../work.js';

const by = 'floor';

let resolveCaptured: (value: unknown) => void;
let rejectCaptured: (reason: unknown) => void;
const capture = (resolve: typeof resolveCaptured, reject: typeof rejectCaptured): void => {
  resolveCaptured = resolve;
  rejectCaptured = reject;
};

/** Handlers that were made once: to hear how an attempt ended takes one promise more. */
const same = (value: unknown): unknown => value;
const thrown = (error: unknown): never => {
  throw error;
};

/** What the work is given: its number, and where its signal will be when somebody asks for it. */
class Attempt {
  readonly attempt = 1;
  readonly controller: AbortController | undefined;
}

/**
 * A promise that a clock can end as well: what is told that it did, when it is due, and the caller's async context for
 * what follows then.
 */
function endable(work: (attempt: Attempt) => Promise<unknown>): Promise<unknown> {
  const promise = new Promise(capture as never);
  const resolve = resolveCaptured;
  kept.attempt = new Attempt();
  kept.context = new AsyncResource('Floor');
  kept.due = performance.now() + neverFires;
  void work(kept.attempt).then(resolve, rejectCaptured);
  return promise;
}
/** Kept, so that nothing is optimised away. */
const kept: { attempt: Attempt | undefined; context: unknown; due: number } = {
  attempt: undefined,
  context: undefined,
  due: 0,
};

/** An error of a family that can be told apart. */
class FloorError extends Error {
  override readonly name: string = 'FloorError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** It says of what it is, and when to ask again. */
class Refusal extends FloorError {
  override readonly name = 'Refusal';
  readonly retryAfter: number;
  readonly service: string;

  constructor(service: string, message: string, retryAfter: number) {
    super('REFUSED', message);
    this.service = service;
    this.retryAfter = retryAfter;
  }
}

/** A fresh error without a stack but its message, in a promise that is taken for unhandled only when nobody handles it. */
function refused(): Promise<never> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = undefined as never;
  const left = neverFires - performance.now();
  const error = new Refusal('bench', 'the circuit breaker is open', left);
  Error.stackTraceLimit = stackTraceLimit;
  error.stack = 'Refusal: the circuit breaker is open';
  const promise = new Promise<never>(capture as never);
  const reject = rejectCaptured;
  const following = promise.then();
  reject(error);
  return following;
}

/** Lets in and counts: the least that knows whether an answer is still of use. */
class Gate {
  #round = 1;
  #answers = 0;

  enter(): number {
    return this.#round;
  }

  succeed(round: number): void {
    if (round === this.#round) this.#answers += 1;
  }
}

/** Where marks begin that are made during an attempt: which errors a shot inside it has decided about. */
const marks = { sequence: 0 };
const sequence = (): number => marks.sequence;

/** In an async frame that is there anyway: what was let in has to be remembered until the answer. */
const guarded = `
  const round = gate.enter();
  if (round === 0) { sink = await fail(); continue; }
  const inner = sequence();
  try { sink = await fn(); }
  catch (error) { sink = await fail(error, round, inner); continue; }
  gate.succeed(round);`;

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
    {
      row: 'permit',
      by,
      turn: guarded,
      names: { gate: new Gate(), sequence, fn: succeed, fail },
    },
    {
      row: 'clocked',
      by,
      turn: 'sink = await endable(fn);',
      names: { endable, fn: succeed },
    },
    {
      row: 'rejected',
      by,
      turn: 'try { await refused(); } catch (error) { sink = error; }',
      names: { refused },
    },
    { row: 'transition', by, turn: 'timer();', names: { timer }, perTurn: 2 },
  ];
}
