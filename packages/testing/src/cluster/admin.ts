/** The admin connection is short: connect, ask, close. It says who it is, so that nobody kills it by mistake. */
import pg, { type QueryResult, type QueryResultRow } from 'pg';
import type { BackendFilter, ServerConfig } from './server.js';

/** The `application_name` of the kit's own connections. */
const adminName = 'carom-testing';

/** Runs `work` with a connection of its own, closed whatever happens. */
export async function withAdmin<T>(
  config: ServerConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...config, ssl: false, application_name: adminName });
  // A server that is stopped meanwhile ends the connection outside of any query; the query tells.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** One statement on a connection of its own. */
export function adminQuery<Row extends QueryResultRow>(
  config: ServerConfig,
  sql: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row>> {
  return withAdmin(config, (client) => client.query<Row>(sql, [...values]));
}

/** Ends the client backends that match and waits up to 10 s for each to be gone; returns how many went. */
export async function terminateBackends(
  config: ServerConfig,
  filter: BackendFilter,
  scope: 'server' | 'database',
): Promise<number> {
  const { rows } = await adminQuery<{ gone: boolean }>(
    config,
    `select pg_terminate_backend(pid, 10000) as gone from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> $1
        and ($2::int is null or pid = $2) and ($3::text is null or application_name = $3)
        and ($4::text is null or state = $4) and ($5 = 'server' or datname = current_database())`,
    [adminName, filter.pid ?? null, filter.applicationName ?? null, filter.state ?? null, scope],
  );
  return rows.filter(({ gone }) => gone).length;
}
