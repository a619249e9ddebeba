/** The contract in a failover: the primary dies, its synchronous standby takes over, and the work goes on. */
import { readFile } from 'node:fs/promises';
import { ManualClock } from '@carom/core/testing';
import { cushions, health } from '@carom/postgres';
import { ledger, needs, startCluster, startFaultProxy } from '@carom/testing';
import { expect, test } from '@jest/globals';
import { drive } from './outages.js';
import { eventually } from './parking.js';
import type { Adapter } from './subject.js';
import { settled } from './world.js';

const schema = new URL('../../prisma/schema.sql', import.meta.url);

export function failoverContract(adapter: Adapter): void {
  needs('standby', test)(
    'writes and transactions find the new primary, each done once',
    async () => {
      await using cluster = await startCluster({ standby: 'sync' });
      await cluster.primary.query(await readFile(schema, 'utf8'));
      await cluster.primary.query('INSERT INTO counters (id) SELECT generate_series(1, 10)');
      await cluster.caughtUp();
      await using proxy = await startFaultProxy(cluster.primary);
      const clock = new ManualClock();
      let tell: () => void = () => {};
      const bounced = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const config = { ...cluster.primary.config, host: proxy.host, port: proxy.port };
      const db = adapter.open(config, { clock, retries: 20, onRetry: () => tell() });
      const book = ledger();
      const write = async (mark: string, work: () => Promise<unknown>): Promise<void> => {
        book.attempt(mark);
        const { error } = await settled(work());
        if (error === undefined) book.acknowledged(mark);
        else book.failed(mark, error);
      };
      await cluster.primary.stop('immediate');
      // A proxy that leads to the standby before it is promoted: connections open, writes are refused (25006).
      proxy.retarget(cluster.standby);
      const work = Promise.all([
        write('single', () => db.mark('single')),
        write('unit', () => db.transaction((tx) => tx.mark('unit'))),
      ]);
      await bounced;
      await cluster.failover();
      await drive(clock, work);
      await write('after', () => db.mark('after'));
      await db.close();

      const { rows } = await cluster.primary.query<{ mark: string }>('SELECT mark FROM marks');
      const report = book.audit(rows.map(({ mark }) => mark));
      if (!report.ok) throw new Error(String(report));
      expect(report.counts).toMatchObject({ acknowledged: 3 });
    },
    60_000,
  );

  needs('standby', test)(
    'a standby that answers is back for reads that need any server, not for those who need a writer',
    async () => {
      await using cluster = await startCluster({ standby: 'async' });
      await cluster.primary.query(await readFile(schema, 'utf8'));
      await cluster.caughtUp();
      await using proxy = await startFaultProxy(cluster.primary);
      const config = { ...cluster.primary.config, host: proxy.host, port: proxy.port };
      const patience = 60_000;
      const writer = adapter.open(config, { patience });
      const reader = adapter.open(config, { patience, datasource: 'reports', target: 'any' });
      const stateOf = (name: RegExp) =>
        cushions().find(({ datasource }) => name.test(datasource))?.state;
      await cluster.primary.stop('immediate');
      proxy.refuse('rst');
      for (const [db, name] of [[writer, /^postgres/] as const, [reader, /^reports/] as const]) {
        const impatient = db.with({ retries: 0, patience: 0 });
        while (stateOf(name) !== 'open') await settled(impatient.count('x'));
      }
      const work = Promise.all([writer.mark('one'), writer.transaction((tx) => tx.mark('two'))]);
      const reading = reader.count('one');
      proxy.retarget(cluster.standby);
      await proxy.accept();
      expect(await reading).toBe(0);
      await eventually(() => health().some(({ reason }) => reason === 'it takes no writes'));
      expect(stateOf(/^postgres/)).toBe('open');
      await cluster.failover();
      await work;
      const { rows } = await cluster.primary.query('SELECT mark FROM marks ORDER BY mark');
      expect(rows).toEqual([{ mark: 'one' }, { mark: 'two' }]);
      await Promise.all([writer.close(), reader.close()]);
    },
    60_000,
  );
}
