/** Size: what a bundler would make of a library, minified, and how it travels. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './root.js';

/** In bytes. */
export interface Size {
  readonly minified: number;
  readonly gzip: number;
}

/**
 * The size of what `from` exports.
 * @param names those of its exports that are used; default: all
 */
export async function sizeOf(from: string, names = '*'): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(from)}`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}
