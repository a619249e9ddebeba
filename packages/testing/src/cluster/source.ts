/** The source is where a cluster's Postgres comes from: `CAROM_TEST_PG`, read once per cluster. */
import { ClusterError } from './errors.js';

/** A Postgres of the kit's own, a container, or a server that is already there. */
export type Source =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'docker' }
  | { readonly kind: 'url'; readonly url: string };

/** Hosts that are surely this machine: the kit writes nowhere else. */
const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

function urlSource(value: string): Source {
  const host = new URL(value).hostname;
  if (!loopback.has(host)) {
    throw new ClusterError(
      `CAROM_TEST_PG names the host "${host}"; the kit only uses a server on 127.0.0.1, [::1] or localhost`,
    );
  }
  return { kind: 'url', url: value };
}

/**
 * Reads `embedded` (also when empty), `docker` or a `postgres://` URL on loopback.
 *
 * @throws ClusterError for anything else, without repeating a URL: it may hold a password
 */
export function sourceOf(value: string | undefined = process.env['CAROM_TEST_PG']): Source {
  if (value === undefined || value === '' || value === 'embedded') return { kind: 'embedded' };
  if (value === 'docker') return { kind: 'docker' };
  if (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) return urlSource(value);
  throw new ClusterError('CAROM_TEST_PG is neither "embedded", "docker" nor a postgres:// URL');
}
