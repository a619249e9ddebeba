/** A strike is a fault of the server's: one unit of each lane is held somewhere, the server suffers, and all go on. */
import { cellName } from './account.js';
import type { Found } from './book.js';
import type { Hit, ServerFault } from './faults.js';
import type { Going, Lane } from './lane.js';
import { atMost, pause, until } from './pause.js';
import { rowsOf, type Stage } from './stage.js';
import { xidsInUse, xidsUsedAgain } from './xid-reuse.js';

/** Longer than this no unit needs to get to where it is held, in ms; it counts as not hit then. */
const underWay = 8_000;
/** How long a caller who loses the connection during a wait for a standby may say something wrong, in ms. */
const timeToLie = 300;

type Blow = (stage: Stage) => Promise<((lane: Lane) => boolean) | undefined>;

/** Whatever else makes the server write its log down in time spoils the reuse of ids: then it is tried again. */
const tries: Readonly<Partial<Record<ServerFault, number>>> = { 'crash and xid reuse': 8 };

/** Ends on a stage where all is well again. */
export async function strike(stage: Stage, hit: Hit): Promise<void> {
  const { fault, point, moment } = hit;
  const isMissed = ({ book, settings: { strategy, adapter, unit } }: Lane): boolean =>
    strategy.carom !== undefined &&
    !book.account.hits.has(cellName({ fault, point, moment, adapter, unit }));
  for (let left = tries[fault as ServerFault] ?? 1; left > 0; left--) {
    await strikeOnce(stage, hit);
    if (!stage.lanes.some(isMissed)) return;
  }
}

async function strikeOnce(stage: Stage, hit: Hit): Promise<void> {
  const { cluster, lanes } = stage;
  const fault = hit.fault as ServerFault;
  await before[fault]?.(stage);
  const going = lanes.map((lane): readonly [Lane, Going] => [lane, lane.hold(heldAt(lane, hit))]);
  await atMost(underWay, Promise.all(going.map(([, { held }]) => held)));
  const met = await blows[fault](stage);
  await Promise.all(going.map(([lane, { end }]) => end(met?.(lane) ?? true)));
  if (fault.endsWith('promoted')) await cluster.rejoin();
  await cluster.caughtUp();
}

/** One that commits would have the log written, and the ids of all others with it. */
function heldAt({ isSingle }: Lane, hit: Hit): Hit {
  return isSingle && hit.fault === 'crash and xid reuse' ? { ...hit, moment: 'before' } : hit;
}

const stopStandby = ({ cluster }: Stage): Promise<void> => cluster.standby.stop('immediate');

/** What comes before the units begin. */
const before: Readonly<Partial<Record<ServerFault, (stage: Stage) => Promise<void>>>> = {
  'sync-rep wait, cut off': stopStandby,
  'sync-rep wait, backend killed': stopStandby,
  'lagging synchronous standby promoted': stopStandby,
  'asynchronous standby promoted': async ({ cluster, lanes }) => {
    await cluster.caughtUp();
    await cluster.standby.stop('fast');
    // The server says that these are done, and nobody else has heard of them.
    await Promise.all(lanes.map((lane) => lane.play(undefined)));
  },
};

const blows: Readonly<Record<ServerFault, Blow>> = {
  'immediate stop': async (stage) => {
    await stage.cluster.primary.stop('immediate');
    cutOff(stage);
    await stage.cluster.primary.start();
    return undefined;
  },
  'crash and xid reuse': async (stage) => {
    const { primary } = stage.cluster;
    const inUse = await xidsInUse(primary);
    await primary.stop('immediate');
    await primary.start();
    const again = await xidsUsedAgain(primary, inUse);
    // Not before, or the units would come back and take the ids themselves.
    cutOff(stage);
    return ({ name, settings }) => settings.strategy.carom === undefined || again.has(name);
  },
  'sync-rep wait, cut off': async (stage) => {
    const waiting = await allWaiting(stage);
    for (const { proxy } of stage.lanes) proxy.cutAll('rst');
    await pause(timeToLie);
    await stage.cluster.standby.start();
    return ({ name }) => waiting.has(name);
  },
  'sync-rep wait, backend killed': async (stage) => {
    const waiting = await allWaiting(stage);
    await killTwice(stage);
    await stage.cluster.standby.start();
    return ({ name }) => waiting.has(name);
  },
  'synchronous standby promoted': async (stage) => {
    await failover(stage);
    return undefined;
  },
  'lagging synchronous standby promoted': async (stage) => {
    const waiting = await allWaiting(stage);
    // Each is committed there now, and nowhere else: who calls it done loses it.
    await killTwice(stage);
    await promoteStopped(stage);
    return ({ name }) => waiting.has(name);
  },
  'asynchronous standby promoted': async (stage) => {
    const former = stage.cluster.primary;
    const now = await promoteStopped(stage);
    // What only the former primary has was promised by it alone.
    await former.start();
    for (const id of (await rowsOf(former)).keys()) if (!now.has(id)) stage.vanished.add(id);
    await former.stop('immediate');
    return undefined;
  },
};

/** An answer that was under way is lost, as when the machine is: who gets one still sends a COMMIT, of which nobody can know. */
function cutOff({ lanes }: Stage): void {
  for (const { proxy } of lanes) proxy.cutAll('rst');
}

/** All at once: the kit's own way waits for each to be gone. */
const killAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Whoever waits for the standby, and then whoever came to ask: both waits are broken off. */
async function killTwice({ cluster }: Stage): Promise<void> {
  for (let time = 1; time <= 2; time++) {
    await cluster.primary.query(killAll);
    await pause(timeToLie);
  }
}

function resume({ lanes }: Stage): void {
  for (const { proxy } of lanes) proxy.resume();
}

/** Lets all go on to where they wait for the standby that is gone; gives the names of those that do. */
async function allWaiting(stage: Stage): Promise<ReadonlySet<string>> {
  const { cluster, lanes } = stage;
  resume(stage);
  const sql = "SELECT application_name AS name FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  let names: ReadonlySet<string> = new Set();
  await until(async () => {
    const { rows } = await cluster.primary.query<{ name: string }>(sql);
    names = new Set(rows.map(({ name }) => name));
    return lanes.every(({ name }) => names.has(name));
  }, underWay);
  return names;
}

async function promoteStopped(stage: Stage): Promise<Found> {
  await stage.cluster.primary.stop('immediate');
  await stage.cluster.standby.start();
  return await failover(stage);
}

/** Gives what the new primary has before anybody writes there. */
async function failover({ cluster, lanes }: Stage): Promise<Found> {
  const leader = await cluster.failover('immediate');
  const found = await rowsOf(leader);
  for (const { proxy } of lanes) proxy.retarget(leader, { cut: 'rst' });
  return found;
}
