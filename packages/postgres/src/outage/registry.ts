/** The registry of datasources: one per address and process, for as long as somebody has a client of it. */
import { processWide } from '@carom/core';
import { Datasource, type Identity } from './datasource.js';

/** Each is held by its clients; one that was dropped without being closed takes it along. */
const all: Set<WeakRef<Datasource>> = processWide('datasources', () => new Set());

/** The datasource of that identity. */
export function datasourceOf(name: string, identity: Identity): Datasource {
  const known = alive().find((datasource) => isSame(datasource.identity, identity));
  if (known !== undefined) return known;
  const datasource = new Datasource(name, identity);
  all.add(new WeakRef(datasource));
  return datasource;
}

/** All that have clients which are not closed. */
export function datasources(): readonly Datasource[] {
  return alive().filter((datasource) => {
    datasource.prune();
    return datasource.members.size > 0;
  });
}

function alive(): readonly Datasource[] {
  return [...all].flatMap((reference) => {
    const datasource = reference.deref();
    if (datasource === undefined) all.delete(reference);
    return datasource ?? [];
  });
}

function isSame(a: Identity, b: Identity): boolean {
  return a.key === b.key && a.clock === b.clock && a.random === b.random;
}
