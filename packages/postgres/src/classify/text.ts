/** The text of a failure is the driver's or the server's words, told apart from the SQL that Knex puts before them. */

/** A message in its two parts. */
export interface Told {
  /** The words of the driver or the server. */
  readonly text: string;
  /** The SQL that Knex put before them. */
  readonly statement?: string;
}

const separator = ' - ';

const verbs = [
  'abort|alter|analyze|begin|call|checkpoint|close|cluster|comment|commit|copy|create|deallocate|declare',
  'delete|discard|do|drop|end|execute|explain|fetch|grant|import|insert|listen|load|lock|merge|move|notify',
  'prepare|reassign|refresh|reindex|release|reset|revoke|rollback|savepoint|security|select|set|show|start',
  'table|truncate|unlisten|update|vacuum|values|with',
].join('|');

/** Comments and brackets, then a verb. No part can match what another part matches, so it is linear. */
const sqlStart: RegExp = new RegExp(
  `^(?:[\\s(]|--[^\\n]*\\n|/\\*(?:[^*]|\\*(?!/))*\\*/)*(?:${verbs})\\b`,
  'i',
);

/**
 * Splits a message of Knex, `<sql> - <words>`, at the last separator: the SQL holds values of the caller,
 * so any text may stand in it. A message that does not begin like SQL is all words: Supavisor's own
 * messages hold the separator too.
 */
export function splitMessage(message: string): Told {
  const at = message.lastIndexOf(separator);
  if (at <= 0 || !sqlStart.test(message)) return { text: message };
  return { text: message.slice(at + separator.length), statement: message.slice(0, at) };
}

/** Whether the statement ends a transaction for good, so that a lost reply leaves the outcome open. */
export function isCommit(statement: string): boolean {
  return /^\s*(?:(?:commit|end)\b|prepare\s+transaction\b)/i.test(statement);
}
