/** A statement of `pg` is one query of the pool as a shot: one autocommit statement, bounced (retried) by outcome. */
import type { Attempt } from '@carom/core';
import {
  type AttemptLog,
  type Intent,
  replayRefusal,
  type Statement,
  type UnitBase,
} from '@carom/postgres';
import type { Binding } from './binding.js';
import { intentOf, textOf } from './intent.js';
import { type Args, QueryAttempt } from './query-attempt.js';

/** One query. */
export class QueryStatement implements Statement<unknown> {
  readonly #source: Binding;
  readonly #args: Args;

  constructor(source: Binding, args: Args) {
    this.#source = source;
    this.#args = args;
  }

  get name(): string {
    return 'query';
  }

  get base(): UnitBase {
    return this.#source.base;
  }

  intent(): Intent {
    return intentOf(this.#args[0]);
  }

  refusal(): string | undefined {
    const text = textOf(this.#args[0]);
    return text === undefined ? undefined : replayRefusal(text);
  }

  play(attempt: Attempt, log: AttemptLog): Promise<unknown> {
    return new Promise((resolve) =>
      new QueryAttempt(this.#source, this.#args, attempt, log, resolve).start(),
    );
  }
}
