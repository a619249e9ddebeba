/** Reads docker-compose.yml: what it starts, and that nothing of it can be reached from outside. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from './source.js';

interface Service {
  readonly image: string;
  readonly ports: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck: { readonly test: readonly string[] };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const { services, volumes } = parse(text, { merge: true }) as Compose;

test('a primary, a standby and a pooler', () => {
  expect(Object.keys(services)).toEqual(['primary', 'standby', 'pooler']);
  const orders = Object.values(services).map(({ depends_on }) => depends_on);
  const after = { primary: { condition: 'service_healthy' } };
  expect(orders).toEqual([undefined, after, after]);
});

describe.each(Object.entries(services))('%s', (_, service) => {
  test('has a fixed image and says when it is well', () => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d[\w.-]*$/);
    expect(service.healthcheck.test.slice(0, 2)).toEqual(['CMD', 'pg_isready']);
  });

  test('listens on 127.0.0.1 only', () => {
    expect(service.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\$\{\w+:-\d+\}:5432$/)]);
  });

  test('has its passwords from variables', () => {
    const passwords = Object.entries(service.environment).filter(([key]) => /PASSWORD/.test(key));
    expect(passwords.length).toBeGreaterThan(0);
    for (const [, value] of passwords) expect(value).toMatch(/^\$\{CAROM_\w+:-carom-demo-only\}$/);
  });

  test('mounts what exists', () => {
    for (const mount of service.volumes ?? []) {
      const [source = ''] = mount.split(':');
      expect(source.startsWith('./') ? existsSync(join(root, source)) : source in volumes).toBe(
        true,
      );
    }
  });
});

const compose = (...args: string[]): number | null =>
  spawnSync('docker', ['compose', ...args], { cwd: root }).status;
const testWithDocker = compose('version') === 0 ? test : test.skip;

testWithDocker('docker compose accepts it', () => {
  expect(compose('config', '--quiet')).toBe(0);
});
