/** The server memory is what is known of the servers behind the connections: read once on each, in the flight of a BEGIN. */
import type { Incarnation, Reading } from './incarnation.js';
import type { Ground } from './origin.js';

const incarnations: WeakMap<object, Incarnation> = new WeakMap();
const grounds: WeakMap<object, Ground> = new WeakMap();

/** What is known of the servers of one datasource. */
export class ServerMemory {
  /** Why level 1 does not work there; undefined where it does, or nothing is known. */
  mistrust: string | undefined;
  /** As `server_version_num`. */
  version: number | undefined;
  /** Whether it may not be read which server it is: tokens are without an origin there. */
  anonymous = false;

  /** Which incarnation the connection leads to. */
  of(client: object): Incarnation | undefined {
    return incarnations.get(client);
  }

  /** What the tokens rest on that are put in on the connection; undefined where it was not read. */
  groundOf(client: object): Ground | undefined {
    return grounds.get(client);
  }

  learnGround(client: object, ground: Ground): void {
    grounds.set(client, ground);
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
    grounds.delete(client);
  }
}
