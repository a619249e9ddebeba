/** Where the repository is, and what of it the bench measures and writes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** The built package: what users get. */
export const builtCore: string = join(root, 'packages/core/dist/index.js');

/** What the bench makes for itself. */
export const cache: string = join(root, '.cache/bench');

export const baselineFile: string = join(root, 'bench/baseline.json');
