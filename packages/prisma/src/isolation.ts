/** The isolation level of a transaction goes with its BEGIN; Prisma's adapter sends it after, in a round trip of its own. */

/** What the standard and PostgreSQL call levels. Another word is left to the server to refuse. */
const levels: RegExp = /^(?:serializable|repeatable read|read (?:un)?committed)$/i;

/** How a level is told to the server. */
export interface Isolation {
  /** In one flight. */
  readonly begin: string;
  /** As `@prisma/adapter-pg` does, once its BEGIN is answered. */
  readonly statement: string;
}

/** @param level as Prisma gives it to an adapter; undefined for the session's own. */
export function isolationOf(level: unknown): Isolation | undefined {
  if (typeof level !== 'string' || !levels.test(level)) return undefined;
  const words = `ISOLATION LEVEL ${level}`;
  return { begin: `BEGIN ${words}`, statement: `SET TRANSACTION ${words}` };
}

/** The driver's answer to a statement that was not needed any more. */
export const alreadySet: object = Object.freeze({
  command: 'SET',
  rowCount: null,
  rows: [],
  fields: [],
});
