/** Plays both workloads at every level through every client at once, under the same faults, and checks their histories. */

import type { Random } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import { type CommitLevel, commitTokensSql } from '@carom/postgres';
import { type Level, levels } from './checker/level.js';
import type { Client } from './clients/client.js';
import { type ClientName, clientNames, makers } from './clients/clients.js';
import { applicationPrefix, FaultPlayer } from './faults/player.js';
import { schedule } from './faults/schedule.js';
import { conclude, figuresOf, type HistoriesResult, type HistoryFigures } from './result.js';
import { openStage, type Stage } from './stage.js';
import { bank, bankTables } from './workload/bank.js';
import { listAppend, listTable } from './workload/list-append.js';
import {
  type Ground,
  type Workload,
  type WorkloadName,
  workloadNames,
} from './workload/workload.js';

export interface HistoriesOptions {
  /** The load and the faults follow from it; what meets what, of course, does not. */
  readonly seed: number;
  /** How long the load goes on. */
  readonly seconds: number;
  /** How Carom settles lost COMMITs. Default `xid`, as in Carom. */
  readonly commit?: Exclude<CommitLevel, 'none'>;
  /** Told what happens, in lines. */
  readonly say: (line: string) => void;
}

const workloads: Readonly<
  Record<
    WorkloadName,
    {
      readonly tables: (schema: string) => string;
      readonly open: (ground: Ground) => Workload;
      /** Transactions at a time. */
      readonly workers: number;
    }
  >
> = {
  'list-append': { tables: listTable, open: listAppend, workers: 3 },
  bank: { tables: bankTables, open: bank, workers: 2 },
};

/** How long what was begun may take after the load has ended, in ms: Carom's patience is 10 s. */
const grace = 20_000;
/** How long a client may take to say goodbye, in ms. */
const farewell = 3_000;

interface Part {
  readonly name: ClientName;
  readonly level: Level;
  readonly workloadName: WorkloadName;
  readonly client: Client;
  readonly workload: Workload;
  readonly played: () => Pick<HistoryFigures, 'retries' | 'contended'>;
}

const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    work.catch(() => undefined),
    new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
    }),
  ]);

/** One client with its schema and its workload. */
async function open(
  { cluster, proxies, ask }: Stage,
  commit: Exclude<CommitLevel, 'none'>,
  name: ClientName,
  level: Level,
  workloadName: WorkloadName,
): Promise<Part> {
  const schema = `"${name} ${level} ${workloadName}"`;
  const { tables, open: start } = workloads[workloadName];
  await ask(`CREATE SCHEMA ${schema}`);
  await ask(tables(schema));
  let retries = 0;
  let contended = 0;
  const { host, port } = proxies[name];
  const application_name = `${applicationPrefix}${name}`;
  const client = makers[name]({
    config: { ...cluster.primary.config, host, port, application_name },
    commit,
    onRetry: (isContended) => {
      retries += 1;
      if (isContended) contended += 1;
    },
  });
  const workload = start({ client, level, schema });
  return { name, level, workloadName, client, workload, played: () => ({ retries, contended }) };
}

async function work({ step }: Workload, random: Random, end: number): Promise<void> {
  while (performance.now() < end) await step(random);
}

/** Nobody is at work any more, not even a session that was cut off: what is there now is what there will be. */
async function silence({ cluster, everyProxy }: Stage): Promise<void> {
  for (const proxy of everyProxy) {
    proxy.refuse();
    proxy.cutAll('rst');
  }
  await cluster.primary.killBackends();
}

export async function playHistories({
  seed,
  seconds,
  commit = 'xid',
  say,
}: HistoriesOptions): Promise<HistoriesResult> {
  say('Starting PostgreSQL: a primary and its synchronous standby …');
  await using stage = await openStage();
  await stage.ask(commitTokensSql);
  const parts: Part[] = [];
  for (const name of clientNames) {
    for (const level of levels) {
      for (const workload of workloadNames)
        parts.push(await open(stage, commit, name, level, workload));
    }
  }
  await stage.cluster.caughtUp();
  // Connections and caches are warm before the clock runs. What was played counts all the same.
  const random = seededRandom(seed);
  await Promise.all(
    parts.flatMap(({ workload, workloadName }) =>
      Array.from({ length: workloads[workloadName].workers }, () => workload.step(random)),
    ),
  );
  say(`Playing ${parts.length} histories for ${seconds} s, seed ${seed} …`);
  const ms = seconds * 1_000;
  const end = performance.now() + ms;
  const player = new FaultPlayer(stage, schedule(seed, ms));
  const workers = parts.flatMap(({ workload, workloadName }, index) =>
    Array.from({ length: workloads[workloadName].workers }, (_, worker) =>
      work(workload, seededRandom(seed * 1_000 + index * 10 + worker), end),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, ms));
  await player.finish();
  say('Waiting for what was begun …');
  await atMost(grace, Promise.all(workers));
  await silence(stage);
  await Promise.all(parts.map(({ client }) => atMost(farewell, client.close())));
  say('Checking the histories …');
  const histories = [];
  for (const { name: client, level, workloadName, workload, played } of parts) {
    const judged = await workload.judge(stage.ask);
    histories.push(figuresOf({ client, level, workload: workloadName, ...played() }, judged));
  }
  return conclude({ seed, seconds, commit, faults: player.played }, histories);
}
