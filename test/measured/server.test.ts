/** Measured: only on a plain PostgreSQL, and only where it could be read, is a transaction id believed. */
import { expect, test } from '@jest/globals';
import { onEachVersion } from './versions.js';
import { createWorld, type Original, type World } from './world.js';

/** Whether a transaction has something to be asked about with, and goes on as always. */
async function hasTicket(world: World, as: Parameters<World['connect']>[0] = {}): Promise<boolean> {
  const original: Original = await world.begin({ mark: 'one', as });
  await original.guard.prepare();
  expect(await original.commit()).toMatchObject({ command: 'COMMIT' });
  return original.guard.ticket !== undefined;
}

/** A name under which a server calls itself, in the place of PostgreSQL's own. */
const naming = (name: string): string => `SET allow_system_table_mods = on;
  CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS $$ SELECT '${name}'::text $$`;

onEachVersion((version) => {
  const world = createWorld(version);

  test('a plain PostgreSQL is recognised', async () => {
    expect(await hasTicket(world)).toBe(true);
  });

  test.each([
    ['Neon', { options: '-c neon.tenant_id=1' }],
    ['AlloyDB', { options: '-c google_columnar_engine.enabled=on' }],
    ['Citus', { options: '-c citus.shard_count=32' }],
  ])('%s is known by its settings', async (product, as) => {
    const original = await world.begin({ mark: product });
    const ticket = await original.ticket();
    await original.commit();
    expect(await hasTicket(world, as)).toBe(false);
    expect(await world.look(ticket, as)).toEqual({
      ...{ outcome: 'unknown', reason: `the server is ${product}`, ticket: undefined },
    });
  });

  test('Aurora is known by its function', async () => {
    const original = await world.begin({ mark: 'Aurora' });
    const ticket = await original.ticket();
    await original.commit();
    await world.ask(
      "CREATE FUNCTION aurora_version() RETURNS text LANGUAGE sql AS $$ SELECT '1' $$",
    );
    expect(await hasTicket(world)).toBe(false);
    expect(await world.look(ticket)).toMatchObject({ outcome: 'unknown' });
    await world.ask('DROP FUNCTION aurora_version()');
  });

  test('who may not read the server gets no ticket, and its transaction goes on', async () => {
    await world.ask(`REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public;
      CREATE ROLE limited LOGIN PASSWORD 'limited'; GRANT INSERT ON marks TO limited`);
    expect(await hasTicket(world, { user: 'limited', password: 'limited' })).toBe(false);
  });

  test.each([
    'PostgreSQL 15.2-YB-2.21.0.0-b0 on x86_64-pc-linux-gnu',
    'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)',
    'PostgreSQL 16.3 (EnterpriseDB Advanced Server 16.3.0) on x86_64-pc-linux-gnu',
  ])('a server of another name is not: %s', async (name) => {
    const original = await world.begin({ mark: name });
    const ticket = name.startsWith('PostgreSQL 15') ? await original.ticket() : undefined;
    await original.commit();
    await world.ask(naming(name));
    expect(await hasTicket(world)).toBe(false);
    if (ticket !== undefined) expect(await world.settle(ticket)).toBe('unknown');
  });
});
