/** Settling is how long one call waits for a connection, and how its lost COMMITs are settled. */
import type { GuardRules } from '@carom/postgres';

/** Of one call, or of all that have no options of their own. */
export interface Settling {
  /** In ms; undefined leaves it to the pool. */
  readonly connectPatience: number | undefined;
  /** Undefined where they are not. */
  readonly guarding: GuardRules | undefined;
  /** Whether single writes are run as transactions. */
  readonly exactlyOnce: boolean;
  /** Whether the client's connections are seen. */
  readonly seen: boolean;
  /** Why they cannot be, where the caller did not choose so. */
  readonly lacking: string | undefined;
}
