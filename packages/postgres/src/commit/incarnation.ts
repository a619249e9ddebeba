/** An incarnation is one life of one server: within it, and only within it, a transaction id (xid) means what it meant. */

/** What tells one incarnation from another. */
export interface Incarnation {
  /** The system identifier that initdb gave the data. */
  readonly system: string;
  /** The timeline, eight hexadecimal digits: a promotion begins a new one. */
  readonly timeline: string;
  /** When the postmaster started, in seconds since 1970. */
  readonly started: string;
  /**
   * When each kind of statistics was last reset, in seconds since 1970: after a crash the server throws all of
   * them away, so that one unchanged stamp means that there was none (measured on 14 to 18).
   */
  readonly stamps: Readonly<Record<string, string>>;
}

/** What a server says of itself. */
export interface Reading {
  /** Undefined where it cannot be one: in recovery, or not recognised. */
  readonly incarnation: Incarnation | undefined;
  /** Whether it is a standby, or still replaying. */
  readonly recovering: boolean;
  /** As `server_version_num`. */
  readonly version: number;
  /** Why its transaction ids are not believed; undefined for a plain PostgreSQL. */
  readonly notPlain: string | undefined;
}

/**
 * Statistics that have a stamp, how it is read, and the version from which on. The functions below the views, not the views: a
 * new backend loads each view and parses its rule, which is a third of what the whole reading costs there.
 */
const stamped: readonly (readonly [name: string, stamp: string, from: number])[] = [
  ['bgwriter', 'pg_catalog.pg_stat_get_bgwriter_stat_reset_time()', 140_000],
  ['archiver', '(pg_catalog.pg_stat_get_archiver()).stats_reset', 140_000],
  ['wal', '(pg_catalog.pg_stat_get_wal()).stats_reset', 140_000],
  ['checkpointer', 'pg_catalog.pg_stat_get_checkpointer_stat_reset_time()', 170_000],
];

/** Settings and functions that only products built upon PostgreSQL have; their commits are not PostgreSQL's. */
const foreign: readonly (readonly [product: string, sign: string])[] = [
  ['Neon', "pg_catalog.current_setting('neon.tenant_id', true)"],
  ['Neon', "pg_catalog.current_setting('neon.timeline_id', true)"],
  ['Aurora', "pg_catalog.to_regproc('aurora_version')::text"],
  ['Aurora', "pg_catalog.to_regproc('pg_catalog.aurora_version')::text"],
  ['AlloyDB', "pg_catalog.current_setting('google_columnar_engine.enabled', true)"],
  ['Citus', "pg_catalog.current_setting('citus.shard_count', true)"],
];

/** `PostgreSQL 18.4 on x86_64…`, as PostgreSQL itself and those who only package it call themselves. */
const plainName: RegExp =
  /^PostgreSQL \d+(?:\.\d+|devel|beta\d+|rc\d+)?(?: \((?:Debian|Ubuntu|Raspbian|Homebrew|Postgres\.app)[^)]*\))? on /;

const oldest = 140_000;

/**
 * The expression that reads it, as one JSON text. One expression, so that it is one moment.
 * @param version of the server, where it is known: later ones have more stamps.
 */
export function readingExpression(version: number = oldest): string {
  const stamps = stamped
    .filter(([, , from]) => version >= from)
    .map(([name, stamp]) => `'${name}', extract(epoch FROM ${stamp})::text`);
  const signs = foreign.map(([product, sign]) => `CASE WHEN ${sign} <> '' THEN '${product}' END`);
  return `pg_catalog.json_build_object(
    'version', pg_catalog.current_setting('server_version_num'),
    'name', pg_catalog.version(),
    'foreign', coalesce(${signs.join(', ')}),
    'recovering', pg_catalog.pg_is_in_recovery(),
    'system', (pg_catalog.pg_control_system()).system_identifier::text,
    'timeline', CASE WHEN NOT pg_catalog.pg_is_in_recovery()
      THEN pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) END,
    'started', extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text,
    'stamps', pg_catalog.json_build_object(${stamps.join(', ')}))::text`;
}

/** The expression for a server that has every stamp that was read before. */
export function readingLike({ stamps }: Incarnation): string {
  const versions = stamped.map(([name, , from]) => (Object.hasOwn(stamps, name) ? from : oldest));
  return readingExpression(Math.max(...versions));
}

/** Reads what the expression gave; a text that is none of it is not believed. */
export function parseReading(text: unknown): Reading {
  const said = typeof text === 'string' ? (JSON.parse(text) as Record<string, unknown>) : {};
  const { system, timeline, started } = said;
  const version = Number(said['version']);
  const recovering = said['recovering'] !== false;
  const notPlain = strangeness(said, version);
  const stamps = Object.fromEntries(
    Object.entries((said['stamps'] ?? {}) as object).filter(
      ([, stamp]) => typeof stamp === 'string',
    ),
  ) as Record<string, string>;
  const whole =
    typeof system === 'string' && typeof timeline === 'string' && typeof started === 'string';
  const incarnation = whole && !recovering ? { system, timeline, started, stamps } : undefined;
  return { incarnation, recovering, version, notPlain };
}

function strangeness(said: Record<string, unknown>, version: number): string | undefined {
  const { name } = said;
  if (typeof said['foreign'] === 'string') return `the server is ${said['foreign']}`;
  if (typeof name !== 'string' || !plainName.test(name)) {
    return 'the server is not recognised as a plain PostgreSQL';
  }
  return version >= oldest ? undefined : 'the server is older than PostgreSQL 14';
}

/**
 * Why `now` is another incarnation than `before`, or `undefined` if it is the same.
 * @param late whether time has passed that nobody watched: then a restored copy of the data could have taken
 *   the server's place, and only the same postmaster will do.
 */
export function difference(
  before: Incarnation,
  now: Incarnation,
  late: boolean,
): string | undefined {
  if (before.system !== now.system) return 'it is another database cluster';
  if (before.timeline !== now.timeline) return 'another server has been promoted since';
  const unchanged = Object.entries(before.stamps).some(([name, at]) => now.stamps[name] === at);
  if (!unchanged) return 'the server has crashed since, and may have used transaction ids again';
  if (late && before.started !== now.started) {
    return 'the server was started again since, perhaps from a copy of its data';
  }
  return undefined;
}
