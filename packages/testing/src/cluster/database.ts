/** A database of the kit's own: created before a test, dropped after it where the server lives on. */
import { adminQuery } from './admin.js';
import type { ServerConfig } from './server.js';

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Creates the database that `config` names, through the database `through`. False when it was there: it is then used as
 * it is.
 */
export async function createDatabase(config: ServerConfig, through: string): Promise<boolean> {
  const admin = { ...config, database: through };
  const found = await adminQuery(admin, 'select from pg_database where datname = $1', [
    config.database,
  ]);
  if (found.rows.length > 0) return false;
  await adminQuery(admin, `create database ${identifier(config.database)}`);
  return true;
}

/** Drops it, and ends the connections to it. */
export async function dropDatabase(config: ServerConfig, through: string): Promise<void> {
  await adminQuery(
    { ...config, database: through },
    `drop database if exists ${identifier(config.database)} with (force)`,
  );
}
