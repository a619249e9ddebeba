/** A child process that measures how long the first load of a file takes, once the loader is warm. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const [how, warmer = '', file = ''] = process.argv.slice(2);

const load = (path: string): unknown =>
  how === 'import' ? import(pathToFileURL(path).href) : require(path);

await load(warmer);
const start = performance.now();
await load(file);
const time = performance.now() - start;
process.stdout.write(JSON.stringify(time), () => process.exit());
