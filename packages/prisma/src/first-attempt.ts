/** The first attempt at an operation, which is all that most ever need: no promise but the one that Prisma gets (fast path). */
import { finalSequence, firstAttempt, type Permit, type Shot, type Strategy } from '@carom/core';
import { type Hearer, relay } from '@carom/postgres';
import type { Operation } from './operation.js';

/** What is played, without a promise for its errors. */
type Bare = Pick<Operation, 'own' | 'isBare'>;

/** One that nothing but itself can end, by a permit of the strategy's. */
export class FirstAttempt implements Hearer<unknown, unknown> {
  readonly #strategy: Strategy;
  readonly #shot: Shot<unknown>;
  readonly #operation: Bare;
  readonly #permit: Permit;
  readonly #inner: number = finalSequence();

  constructor(strategy: Strategy, shot: Shot<unknown>, operation: Bare, permit: Permit) {
    this.#strategy = strategy;
    this.#shot = shot;
    this.#operation = operation;
    this.#permit = permit;
  }

  play(): Promise<unknown> {
    this.#operation.isBare = true;
    try {
      return relay(this.#shot.play(firstAttempt) as Promise<unknown>, this);
    } catch (error) {
      return this.#resume(error);
    }
  }

  fulfilled(value: unknown): unknown {
    this.#strategy.succeed(this.#permit);
    return value;
  }

  rejected(error: unknown): Promise<unknown> {
    return this.#resume(this.#operation.own(error));
  }

  #resume(error: unknown): Promise<unknown> {
    // Whoever plays it from here on hears of its errors by promise.
    this.#operation.isBare = false;
    return this.#strategy.resume(this.#shot, { error, permit: this.#permit, inner: this.#inner });
  }
}
