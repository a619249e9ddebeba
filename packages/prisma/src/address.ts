/** The address of a Prisma client: what tells its datasource from another; never shown, and no credentials in it. */
import { randomUUID } from 'node:crypto';
import type { Address } from '@carom/postgres';
import { adapterOf, adapterSettings } from './internals.js';

/**
 * Reads host, port and database from the settings of the client's adapter, its connection string or
 * the environment. A client whose adapter does not tell them is a datasource of its own.
 */
export function addressOf(client: unknown): Address {
  const settings = adapterSettings(adapterOf(client));
  if (settings === undefined) return { host: `unknown ${randomUUID()}` };
  const { PGHOST, PGPORT, PGDATABASE } = process.env;
  const options = settings as Address & { readonly connectionString?: unknown };
  const parsed = fromUrl(options.connectionString);
  return {
    host: parsed.host ?? options.host ?? PGHOST,
    port: parsed.port ?? options.port ?? PGPORT,
    database: parsed.database ?? options.database ?? PGDATABASE,
  };
}

function fromUrl(connectionString: unknown): Address {
  if (typeof connectionString !== 'string' || !URL.canParse(connectionString)) return {};
  const { hostname, port, pathname } = new URL(connectionString);
  return {
    host: hostname === '' ? undefined : hostname,
    port: port === '' ? undefined : port,
    database: pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : undefined,
  };
}
