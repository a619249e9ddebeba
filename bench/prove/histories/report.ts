/** The report is the result for a person: a Markdown table, and the evidence. */
import { anomalyKinds, forbids, meaningOf } from './checker/level.js';
import type { HistoriesResult, HistoryFigures } from './result.js';

const head = `| client | level | workload | transactions | ok | failed | unknown | retries | contended | forbidden anomalies | allowed anomalies |
| --- | --- | --- | --: | --: | --: | --: | --: | --: | --- | --- |`;

function row(figures: HistoryFigures): string {
  const { client, level, workload, transactions, ok, failed, unknown, retries, contended } =
    figures;
  const counts = (isForbidden: boolean): string =>
    anomalyKinds
      .filter(
        (kind) => figures.anomalies[kind] !== undefined && forbids(level, kind) === isForbidden,
      )
      .map((kind) => `${figures.anomalies[kind]} ${kind}`)
      .join(', ') || '0';
  const cells = [client, level, workload, transactions, ok, failed, unknown, retries, contended];
  return `| ${[...cells, counts(true), counts(false)].join(' | ')} |`;
}

/** All that a person is told. */
export function report(result: HistoriesResult): string {
  const { histories, faults, ok, controlFoundOut } = result;
  const evidence = histories.flatMap(({ client, level, workload, evidence: lines }) =>
    lines.map((line) => `- ${client}, ${level}, ${workload}: ${line}`),
  );
  const found = anomalyKinds.filter((kind) =>
    histories.some(({ anomalies }) => anomalies[kind] !== undefined),
  );
  const unclaimed = histories.reduce((sum, figures) => sum + figures.unclaimed, 0);
  return [
    head,
    ...histories.map(row),
    '',
    `Faults: ${Object.entries(faults)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}.`,
    ...found.map((kind) => `${kind}: ${meaningOf(kind)}.`),
    ...(evidence.length > 0 ? ['', ...evidence] : []),
    ...(unclaimed > 0 ? ['', `${unclaimed} errors said nothing of what became of the write.`] : []),
    '',
    controlFoundOut
      ? 'The loop by hand was found out, as it must be.'
      : 'The loop by hand was not found out: this run was too short to prove anything.',
    ok
      ? 'Carom: no anomaly that a level forbids, and no lie.'
      : 'CAROM: ANOMALIES THAT A LEVEL FORBIDS, OR ERRORS THAT SAY NOTHING.',
  ].join('\n');
}
