import { figure } from '../report/figure.ts';
import { machineLines, warning } from '../report/machine.ts';
import { align } from '../report/table.ts';
import type { PerProcess } from './processes.ts';
import { projection } from './projection.ts';
import type { GrowthResults } from './results.ts';
import type { Disk } from './sizes.ts';
import type { Times } from './times.ts';

/** The results as text. */
export function growthReport(results: GrowthResults): string {
  const { machine, versions, sagas, placement, fill, memory, history, at_rest, restart } = results;
  const processes = placement === 'together' ? 'API and workers in one process' : 'API and worker apart';
  return [
    ...machineLines(machine, versions),
    `${sagas} mortgage originations wait for an underwriter; ${processes}; everything on disk`,
    '',
    `Fill      ${figure(fill.sagas_per_second)} sagas/s until all waited (${figure(fill.seconds)} s); POST p50 ${figure(fill.post_p50_ms)} ms, p95 ${figure(fill.post_p95_ms)} ms; ${fill.resent} sent again`,
    `CPU       ms a saga filled: ${perProcess(fill.cpu_ms_per_saga)}`,
    `At rest   CPU ms a second: ${perProcess(at_rest.cpu_ms_per_second)}`,
    `History   waiting ${history.waiting.events} events, ${history.waiting.bytes} bytes; completed ${history.completed.events} events, ${history.completed.bytes} bytes`,
    `Restart   working ${figure(restart.working_ms)} ms after kill -9, the first saga completed after ${figure(restart.first_completed_ms)} ms`,
    '',
    align([
      ['memory, MB', 'before', 'after', 'kB a saga'],
      ...Object.entries(memory).map(([name, { before_mb, after_mb, kb_per_saga }]) => [
        name,
        ...[before_mb, after_mb, kb_per_saga].map(figure),
      ]),
    ]),
    '',
    align([['ms', 'samples', 'p50', 'p95'], ...timeRows(results)]),
    '',
    diskTable('on disk, bytes a waiting saga', results.disk),
    '',
    diskTable(`on disk, bytes a completed saga, of ${results.disk_of_ended.sagas}`, results.disk_of_ended),
    '',
    align([
      ['50 at once, granted', 'sagas', 'sagas/s', 'min–max', 'CPU ms a saga'],
      ...results.throughput.map(({ workers, sagas, sagas_per_second: rate, cpu_ms_per_saga }) => [
        `${workers} ${workers === 1 ? 'process' : 'processes'}`,
        `${sagas}`,
        figure(rate.median),
        `${figure(rate.min)}–${figure(rate.max)}`,
        perProcess(cpu_ms_per_saga),
      ]),
    ]),
    '',
    projection({
      cpu: results.throughput[0]?.cpu_ms_per_saga ?? {},
      bytes: results.disk_of_ended.bytes_per_saga,
    }),
    ...warning(machine).flatMap((line) => ['', line]),
  ].join('\n');
}

function timeRows({ reads, wake, restart }: GrowthResults): string[][] {
  const row = (what: string, times: Times) => [
    what,
    `${times.samples}`,
    figure(times.p50_ms),
    figure(times.p95_ms),
  ];
  const { first_page, deep_page, saga } = reads;
  return [
    row('from decision to completed', wake),
    row('the same, after the first since the restart', restart.others),
    row('GET /sagas?state=waiting&limit=50', first_page),
    ...(deep_page ? [row(`the same, after ${deep_page.after} sagas`, deep_page)] : []),
    row('GET /sagas/{id}', saga),
  ];
}

/** The totals, then each file and table of at least a byte per saga. */
function diskTable(title: string, { temporal, databases, tables, bytes_per_saga: sums }: Disk): string {
  const rows = (part: Disk['temporal'], what: string) =>
    Object.entries(part)
      .filter(([, { bytes_per_saga }]) => bytes_per_saga !== 0)
      .sort(([, a], [, b]) => b.bytes_per_saga - a.bytes_per_saga)
      .map(([name, { before, after, bytes_per_saga }]) => [
        `  ${what} ${name}`,
        ...[before, after, bytes_per_saga].map(String),
      ]);
  return align([
    [title, 'before', 'after', 'a saga'],
    ['Temporal', '', '', `${sums.temporal}`],
    ...rows(temporal, 'file'),
    ['unwind: registry, keys, events', '', '', `${sums.unwind}`],
    ['services', '', '', `${sums.services}`],
    ['  of which saga_step', '', '', `${sums.saga_step}`],
    ...rows(databases, 'database'),
    ...rows(tables, 'table'),
  ]);
}

const perProcess = (values: PerProcess<number>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ') || 'not measured, which needs the /proc of Linux';
