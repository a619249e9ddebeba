/** The address of a Knex: what tells its datasource from another; never shown, and no credentials in it. */
import type { Address } from '@carom/postgres';
import type { ConnectionConfig, KnexClient } from './internals.js';

/**
 * Reads host, port and database from the configuration, its connection string or the environment. Where a
 * function provides the connection, nobody knows before it is asked: name the `datasource` then.
 */
export function addressOf({ config }: KnexClient): Address {
  const given = config.connection ?? config.connectionPool?.options;
  if (typeof given === 'function') return {};
  const { PGHOST, PGPORT, PGDATABASE } = process.env;
  const options: ConnectionConfig =
    typeof given === 'string' ? { connectionString: given } : (given ?? {});
  const parsed = fromUrl(options.connectionString);
  return {
    host: parsed.host ?? text(options.host) ?? PGHOST,
    port: parsed.port ?? text(options.port) ?? PGPORT,
    database: parsed.database ?? text(options.database) ?? PGDATABASE,
  };
}

function fromUrl(connectionString: unknown): Address {
  if (typeof connectionString !== 'string' || !URL.canParse(connectionString)) return {};
  const { hostname, port, pathname } = new URL(connectionString);
  return {
    host: text(hostname),
    port: text(port),
    database: pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : undefined,
  };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
