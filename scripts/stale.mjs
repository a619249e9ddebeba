// Remembers, by content, whether something was made from these files already.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

/** `isStale()` and `done()` for what is made of `inputs` and lands in `outputs`. */
export function stale(name, inputs, outputs) {
  const file = `.cache/${name}.key`;
  const hash = createHash('sha256').update(process.version);
  for (const input of [...inputs].sort()) {
    if (statSync(input).isFile()) hash.update(`${input}\n`).update(readFileSync(input));
  }
  const key = hash.digest('hex');
  return {
    isStale: () =>
      !outputs.every((output) => existsSync(output)) ||
      !existsSync(file) ||
      readFileSync(file, 'utf8') !== key,
    done() {
      mkdirSync('.cache', { recursive: true });
      writeFileSync(file, key);
    },
  };
}
