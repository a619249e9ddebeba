/** The versions of PostgreSQL on which every test of this folder runs: npm carries them all. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { skipReason } from '@carom/testing';
import { describe } from '@jest/globals';

/** The one that @carom/testing brings along. */
const newest = 18;

/** A version, and the folder of its programs where it is not the newest. */
export interface Version {
  readonly major: number;
  readonly binaries?: string;
}

/** Which were asked for: `CAROM_TEST_PG_VERSIONS`, for example `16 18`; all of them unless set. */
const wanted = (process.env['CAROM_TEST_PG_VERSIONS'] ?? '').match(/\d+/g)?.map(Number);

/** Optional dependencies of the workspace, under a name of their own, since npm knows one version by one name. */
const folderOf = (major: number): string =>
  fileURLToPath(
    new URL(
      `../../node_modules/postgres-${major}-${process.platform}-${process.arch}/native`,
      import.meta.url,
    ),
  );

function lacking(major: number): string | undefined {
  if (wanted !== undefined && !wanted.includes(major)) {
    return 'skipped: not among CAROM_TEST_PG_VERSIONS';
  }
  if (major === newest || existsSync(folderOf(major))) return undefined;
  return `skipped: npm has installed no PostgreSQL ${major} for ${process.platform}-${process.arch}`;
}

/** Describes what must hold on each version; where one is not there, its tests skip, and say why. */
export function onEachVersion(suite: (version: Version) => void): void {
  for (const major of [16, 17, newest]) {
    const why = skipReason('standby') ?? lacking(major);
    const version = major === newest ? { major } : { major, binaries: folderOf(major) };
    if (why === undefined) describe(`PostgreSQL ${major}`, () => suite(version));
    else describe.skip(`PostgreSQL ${major} (${why})`, () => suite(version));
  }
}
