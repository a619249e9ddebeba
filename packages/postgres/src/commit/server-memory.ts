/** The server memory is what is known of the servers behind the connections: read once on each, in the flight of a BEGIN. */
import type { Incarnation, Reading } from './incarnation.js';

const incarnations: WeakMap<object, Incarnation> = new WeakMap();

/** What is known of the servers of one datasource. */
export class ServerMemory {
  /** Why level 1 does not work there; undefined where it does, or nothing is known. */
  mistrust: string | undefined;
  /** As `server_version_num`. */
  version: number | undefined;
  /** Whether Carom's table of commit tokens was seen there. */
  tokens = false;

  /** Which incarnation the connection leads to. */
  of(client: object): Incarnation | undefined {
    return incarnations.get(client);
  }

  learn(client: object, { incarnation, version, notPlain }: Reading): void {
    this.mistrust = notPlain;
    this.version = version;
    if (incarnation === undefined || notPlain !== undefined) incarnations.delete(client);
    else incarnations.set(client, incarnation);
  }

  /** It leads somewhere else by now: behind a pooler a connection outlives its server. */
  forget(client: object): void {
    incarnations.delete(client);
  }
}
