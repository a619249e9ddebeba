/** The wire is a `pg` client as the COMMIT guard and the resolver use it: structural, no driver is imported. */

/** A message of the server's beside the answers. */
export interface Notice {
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
}

/** How a statement is sent; rows come as arrays of texts, whatever the caller's type parsers are. */
export interface Asking {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly rowMode: 'array';
  readonly types: { getTypeParser(): (text: string | null) => string | null };
}

/** The answer to one statement. */
export interface Answer {
  /** The command tag without its numbers: `COMMIT`, `ROLLBACK`, `INSERT`. */
  readonly command?: string | undefined;
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A `pg` client. */
export interface WireClient {
  query(...args: unknown[]): unknown;
  on(event: 'notice', listener: (notice: Notice) => void): unknown;
  off(event: 'notice', listener: (notice: Notice) => void): unknown;
  /** The wire below it. */
  readonly connection?: unknown;
}

const verbatim = (text: string | null): string | null => text;
const types = { getTypeParser: () => verbatim };

/** A statement of Carom's own, as `client.query` takes it. */
export function asking(text: string, values?: readonly unknown[]): Asking {
  return { text, rowMode: 'array', types, ...(values === undefined ? {} : { values }) };
}

/** Sends a statement, and gives the answer to the last one where the text has several. */
export async function ask(
  client: Pick<WireClient, 'query'>,
  text: string,
  values?: readonly unknown[],
): Promise<Answer> {
  return lastAnswer(await client.query(asking(text, values)));
}

/** A text of several statements is answered with a list. */
export function lastAnswer(result: unknown): Answer {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const { command, rows = [] } = (last ?? {}) as Partial<Answer>;
  return { command, rows };
}

/** Hangs up at once: what waits on the connection is told that it is gone. */
export function hangUp(client: { readonly connection?: unknown }): void {
  const wire = client.connection as { stream?: { destroy?(): unknown } } | undefined;
  wire?.stream?.destroy?.();
}

/** An ERROR of the server's: it has heard the statement, refused it, and the session goes on. */
export function isRefusal(error: unknown): boolean {
  const { severity, code } = (error ?? {}) as {
    readonly severity?: unknown;
    readonly code?: unknown;
  };
  return severity === 'ERROR' || (typeof code === 'string' && isStatementCode.test(code));
}

/** Classes that are never FATAL by nature: syntax, access, missing functions, aborted transactions. */
const isStatementCode: RegExp = /^(?:0A|22|25|3F|42)[0-9A-Z]{3}$/;

/**
 * PostgreSQL's notice that a wait for a standby was broken off: the work is committed on this server and
 * perhaps nowhere else (syncrep.c). Told by its code, since the words are translated: a warning in
 * answer to COMMIT.
 */
export function saysUnreplicated({ code }: Notice): boolean {
  return code === '01000' || code === '57P01';
}
