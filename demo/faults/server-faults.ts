/** The faults of the server as a whole: restarts, a promotion, killed connections. */
import { applicationPrefix } from '../clients/client.js';
import type { ScheduledFault } from '../schedule.js';
import type { Stage } from '../stage.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Connections that one kill ends: enough to hit every client. */
const killedAtOnce = 6;

/** Ends some of the shop's connections, those at work first. */
async function killBackends({ cluster }: Stage): Promise<void> {
  await cluster.primary.query(
    `select pg_terminate_backend(pid) from (
       select pid from pg_stat_activity where starts_with(application_name, $1)
        order by state = 'idle', md5(pid::text) limit $2) as unlucky`,
    [applicationPrefix, killedAtOnce],
  );
}

/** Stops the server; the address refuses connections meanwhile, as that of a dead server does. */
async function restart(
  { cluster, proxy }: Stage,
  mode: 'fast' | 'immediate',
  downtime: number,
): Promise<void> {
  const server = cluster.primary;
  proxy.refuse();
  await server.stop(mode);
  await pause(downtime);
  // Open again before the server is ready: clients meet it while it is starting up, too.
  await proxy.accept();
  await server.start();
}

/** The primary dies and the standby takes over; the address leads there a moment before it takes writes. */
async function promote({ cluster, proxy }: Stage, downtime: number): Promise<void> {
  const { standby } = cluster;
  proxy.refuse();
  await cluster.primary.stop('immediate');
  await pause(downtime);
  proxy.retarget(standby);
  await proxy.accept();
  await cluster.failover();
}

/** Plays one; resolves when the server answers again. */
export async function playServerFault(stage: Stage, fault: ScheduledFault): Promise<void> {
  switch (fault.kind) {
    case 'kill-backends':
      return killBackends(stage);
    case 'restart-fast':
      return restart(stage, 'fast', fault.downtime);
    case 'restart-immediate':
      return restart(stage, 'immediate', fault.downtime);
    case 'promote':
      return promote(stage, fault.downtime);
    default:
  }
}
