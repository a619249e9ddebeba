/** A run: one strategy, its load and its faults, from a healthy cluster to the audit of its shop. */
import { type Clients, makeClients } from './clients/clients.js';
import { FaultPlayer, type PlayedFault } from './faults/player.js';
import { startLoad } from './load/drive.js';
import { adapters, type Operation } from './load/operation.js';
import { deadlockPairs } from './load/plan.js';
import type { ScheduledFault } from './schedule.js';
import { auditShop } from './shop/audit.js';
import type { Stage } from './stage.js';
import type { StrategyName } from './strategies.js';
import { Decisions } from './tally/decisions.js';
import { conclude, type RunResult } from './tally/result.js';
import { stretch } from './tally/stretches.js';
import { Tally } from './tally/tally.js';
import type { View } from './view/view.js';

/** What is played. */
export interface Script {
  readonly runMs: number;
  readonly plan: readonly Operation[];
  readonly schedule: readonly ScheduledFault[];
}

/** How long an operation may take after the load has ended, in ms: Carom's patience is 10 s, a pool's 5 s, three times. */
const grace = 20_000;
/** How often the picture changes, in ms. */
const frame = 100;

/** Connections and caches are warm before the clock runs: the first run would pay for all three otherwise. */
async function warmUp(clients: Clients): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      adapters.map((adapter) =>
        clients.play({ id: '', at: 0, adapter, kind: 'read', product: 1, form: round % 3 }),
      ),
    );
  }
}

/** Plays one strategy. */
export async function run(
  strategy: StrategyName,
  stage: Stage,
  { runMs, plan, schedule }: Script,
  view: View,
): Promise<RunResult> {
  await stage.prepare(strategy);
  let begin = performance.now();
  const now = (): number => performance.now() - begin;
  const clients = makeClients(strategy, stage.address(strategy), () => tally.retried());
  const tally = new Tally(clients.judge, now);
  await warmUp(clients);

  begin = performance.now();
  const decisions = strategy === 'carom' ? new Decisions(now) : undefined;
  const faults: PlayedFault[] = [];
  const load = startLoad(plan, clients.play, tally, now);
  const player = new FaultPlayer(
    stage,
    {
      began: (kind) => view.fault(strategy, now(), kind),
      played: (fault) => faults.push(fault),
      deadlock: (index) => {
        for (const transfer of deadlockPairs(index, now())) load.submit(transfer);
      },
    },
    now,
  );
  player.start(schedule);
  const ticker = setInterval(() => {
    const elapsed = Math.min(now(), runMs);
    view.tick({ strategy, elapsed, runMs, tally, inFlight: load.inFlight, decisions });
  }, frame);

  try {
    await new Promise((resolve) => setTimeout(resolve, runMs));
    load.stop();
    await player.finish();
    await load.settled(grace);
  } finally {
    clearInterval(ticker);
    decisions?.close();
  }
  const pending = load.inFlight;
  tally.close();
  await clients.close();
  const shop = await stage.inspect(strategy, auditShop);
  const { doubles, ...conclusion } = conclude(tally, shop, {
    pending,
    faultsPlayed: faults.length,
    runMs,
    retries: decisions?.retries ?? tally.retries,
  });
  const result: RunResult = {
    strategy,
    ...conclusion,
    timeline: {
      stretch,
      succeeded: tally.succeededAt.of(runMs),
      errors: tally.errorsAt.of(runMs),
      faults,
      doubles,
      decisions: decisions?.of(runMs),
    },
  };
  view.end(result);
  return result;
}
