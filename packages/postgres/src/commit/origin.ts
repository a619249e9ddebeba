/** The origin of a token is where it was put in: in a database that never had it, its absence says nothing. */

/** Where a token was put in, and by which transaction. */
export interface Origin {
  /** The system identifier that initdb gave the data; a standby has that of its primary. */
  readonly system: string;
  /** The database's oid. */
  readonly database: string;
  /** When the postmaster started, in seconds since 1970. */
  readonly started: string;
  /** The transaction's id, as `pg_current_xact_id()` gives it. */
  readonly xid: string;
}

/** What is known of a connection on which tokens are put in. */
export interface Ground {
  /** Undefined where the server may not be asked for it. */
  readonly server: Pick<Origin, 'system' | 'started'> | undefined;
  /** Whether its transactions are READ ONLY unless they say otherwise. */
  readonly readOnly: boolean;
}

const system = '(pg_catalog.pg_control_system()).system_identifier::text';
const database = `(SELECT oid::text FROM pg_catalog.pg_database
  WHERE datname = pg_catalog.current_database())`;
const xid = 'pg_catalog.pg_current_xact_id_if_assigned()::text';
const started = 'extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text';

/**
 * What goes with a token: when the postmaster started, the database and the transaction's id. The system is read once on each
 * connection, since it takes a right that a role may not have; the start shows that the connection still leads there.
 */
export const originOfToken: string = `${started}, ${database}, ${xid}`;

/** For the resolver: the system, the database, and when the postmaster started. */
export const originHere: string = `${system}, ${database}, ${started}`;

/** The expression that reads a ground, as one JSON text; `tokens` is whether Carom's table is there. */
export function groundExpression(tokens: string, anonymous: boolean): string {
  // The transaction's id as well, of which there is none here: who may not ask for it has to be found out before the token.
  const server = anonymous ? '' : `'system', ${system}, 'started', ${started}, 'xid', ${xid},`;
  return `pg_catalog.json_build_object(${server} 'tokens', ${tokens},
    'readOnly', pg_catalog.current_setting('default_transaction_read_only'))::text`;
}

/** Reads what the expression gave. */
export function parseGround(text: unknown): { readonly tokens: boolean; readonly ground: Ground } {
  const said = typeof text === 'string' ? (JSON.parse(text) as Record<string, unknown>) : {};
  const { system: of, started: at } = said;
  const whole = typeof of === 'string' && typeof at === 'string';
  const server = whole ? { system: of, started: at } : undefined;
  return {
    tokens: typeof said['tokens'] === 'string',
    ground: { server, readOnly: said['readOnly'] === 'on' },
  };
}

/** Why the absence of a token from `origin` says nothing where the resolver is; undefined if it says something. */
export function elsewhere(origin: Origin, here: readonly unknown[]): string | undefined {
  if (here[0] !== origin.system) return 'it is another database cluster';
  return here[1] === origin.database ? undefined : 'it is another database';
}

/**
 * Whether the server ever had the original ($1 its id, $2 its token): it undid it, or has its token. Asked where time has passed that
 * nobody watched, and the server was started since: a copy of older data has never given that id, or has given it to another; a
 * standby that was promoted had it. Asked first: what puts a token in has an id itself.
 */
export const hadOriginal = `SELECT (CASE WHEN $1::text::pg_catalog.xid8
    < pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
  THEN pg_catalog.pg_xact_status($1::text::pg_catalog.xid8) = 'aborted' ELSE false END
  OR EXISTS (SELECT FROM carom.commit_tokens WHERE token = $2::uuid))::text`;
