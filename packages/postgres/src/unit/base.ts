/** The base of a unit is what all units of retry of one client have in common: made once, and not for each of them. */
import type { Resolver } from '../commit/resolver.js';
import type { Classify } from './attempt-log.js';

/** What the shots of one client, or of one call's options, share. */
export interface UnitBase {
  /** The datasource's name, for people. */
  readonly datasource: string;
  /** The datasource's key, which tells two of them apart. */
  readonly key: string;
  /** The caller's word that doing it twice does no harm. */
  readonly idempotent: boolean;
  readonly classify?: Classify | undefined;
  /** Asks later what became of a transaction. */
  readonly resolver?: Resolver | undefined;
  /** Throws all of the datasource's connections away: they are as bad as this one. */
  drain?(connection: object | undefined): void | PromiseLike<void>;
}
