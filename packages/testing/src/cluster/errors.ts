/** What the kit itself refuses or fails to do; told apart by `code`. */
import { CaromError } from '@carom/core';
import type { Capability } from './capability.js';

/** A Postgres could not be brought up, or went down by itself. The message holds the end of its log. */
export class ClusterError extends CaromError {
  override readonly name = 'ClusterError';

  constructor(message: string, options?: ErrorOptions) {
    super('CAROM_CLUSTER', message, options);
  }
}

/** This kind of cluster must not or cannot do that: a server that the kit does not own is never broken. */
export class UnsupportedOperationError extends CaromError {
  override readonly name = 'UnsupportedOperationError';
  /** What it would have needed. */
  readonly needs: Capability;

  constructor(needs: Capability, message: string) {
    super('CAROM_UNSUPPORTED', message);
    this.needs = needs;
  }
}
