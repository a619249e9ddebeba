/** A child process that measures how long the first load of a file takes, once the loader is warm; or its compiling alone. */
import { readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';

const require = modules.createRequire(import.meta.url);
const [how, warmer = '', file = '', cache] = process.argv.slice(2);

const ways: Record<string, (path: string) => unknown> = {
  import: (path) => import(pathToFileURL(path).href),
  require,
  // As Node compiles CommonJS, and nothing of it is run.
  compile: (path) =>
    compileFunction(readFileSync(path, 'utf8'), ['exports', 'require', 'module'], {
      filename: path,
    }),
};
const load = ways[how ?? ''] ?? require;
if (cache !== undefined) {
  // Since Node 22.8.
  const { enableCompileCache } = modules as { enableCompileCache?: (folder: string) => unknown };
  enableCompileCache?.(cache);
}

await load(warmer);
const start = performance.now();
await load(file);
const time = performance.now() - start;
process.stdout.write(JSON.stringify(time), () => process.exit());
