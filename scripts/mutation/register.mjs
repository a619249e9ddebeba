// What the process that plays the mutants is prepared with: TypeScript, and Mocha's words as jest means them.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';

process.env['TSX_TSCONFIG_PATH'] = fileURLToPath(new URL('tsconfig.json', import.meta.url));
await import('tsx');

const { bdd } = Mocha.interfaces;

/** A suite of its own for each file: a hook at the top of a file is not for all the others. */
Mocha.interfaces.bdd = (root) => {
  root.on('pre-require', (context, file, mocha) => {
    const suite = Mocha.Suite.create(root, file.replace(/.*\/test\//, ''));
    bdd(suite);
    suite.emit('pre-require', context, file, mocha);
  });
};
