// Run by scripts/smoke.mjs in a project that has the packed packages: each entry by import and by
// require, and whether the two copies which that makes agree.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(import.meta.url);
const notNames = new Set(['default', 'module.exports', '__esModule']);
const namesOf = (module) =>
  Object.keys(module)
    .filter((name) => !notNames.has(name))
    .sort();

const entries = process.argv.slice(2);
assert.ok(entries.includes('@carom/core'));
for (const entry of entries) {
  const esm = await import(entry);
  const cjs = require(entry);
  assert.ok(namesOf(esm).length > 0, `${entry} exports nothing`);
  assert.deepEqual(namesOf(esm), namesOf(cjs), entry);
}

const esm = await import('@carom/core');
const cjs = require('@carom/core');
assert.notEqual(
  esm.CaromError,
  cjs.CaromError,
  'import and require gave one copy: nothing is shown',
);

const { default: pg } = await import('pg');
for (const [here, there, wrapPool, { outcomeOf }] of [
  [esm, cjs, (await import('@carom/pg')).wrapPool, require('@carom/postgres')],
  [cjs, esm, require('@carom/pg').wrapPool, await import('@carom/postgres')],
]) {
  // The brand of an error.
  assert.ok(there.isCaromError(new here.CircuitOpenError('orders', 1, 'open')));
  assert.ok(!there.isCaromError(new Error('open')));

  // The state of the process: one circuit for one service.
  here.Cushion.forService('orders').isolate();
  assert.equal(there.Cushion.forService('orders').state, 'isolated');
  here.Cushion.forService('orders').close();
  assert.equal(there.Cushion.forService('orders').state, 'closed');

  // What became of a statement which no server got: nobody listens on port 1.
  const pool = wrapPool(new pg.Pool({ host: '127.0.0.1', port: 1 }), { retries: 0, patience: 0 });
  const error = await pool.query('select 1').catch((reason) => reason);
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(outcomeOf(error), 'not-executed');
  await pool.end();
}
