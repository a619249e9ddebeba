// Writes docs/errors.md from the tables of `@carom/postgres`: `npm run errors-page`.
import { writeFileSync } from 'node:fs';
import { explainCommand } from '../packages/explain/src/command.ts';

writeFileSync(
  new URL('../docs/errors.md', import.meta.url),
  explainCommand(['--all', '--markdown']).output,
);
