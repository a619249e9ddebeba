/** A server text is a row that tells apart, by its words, what comes under one SQLSTATE. */
import type { Row } from './row.js';

/** A row that holds for some SQLSTATEs, with a text. */
export interface ServerText {
  /** Exact SQLSTATEs or classes (two characters); a text means something only from who says it. */
  readonly codes: readonly string[];
  /** Found anywhere in the server's words, in any case. */
  readonly text: RegExp;
  readonly row: Row;
}
