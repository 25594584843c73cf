import { align } from '../report/table.ts';
import type { PerProcess } from './processes.ts';

interface Costs {
  /** CPU milliseconds per saga. */
  cpu: PerProcess<number>;
  /** On disk, per ended saga. */
  bytes: { temporal: number; unwind: number; services: number };
}

/** The highest planned utilization of a processor. */
const busy = 0.6;
const days = 30;
/** Sagas in the busiest second divided by those in an average second. */
const peak = 4;
const gigabyte = 1e9;

/** Calculated, not measured. The formulas are in docs/growth.md. */
export function projection({ cpu, bytes }: Costs): string {
  const cores = (rate: number, ms = 0) => ((rate * ms) / 1_000 / busy).toFixed(1);
  const column = (monthly: number, rate: number) => [
    rate.toFixed(1),
    cores(rate, (cpu.api ?? 0) + (cpu.worker ?? 0)),
    cores(rate, cpu.temporal),
    cores(rate, cpu.postgres),
    ((monthly * bytes.temporal) / gigabyte).toFixed(0),
    ((monthly * (bytes.unwind + bytes.services)) / gigabyte).toFixed(0),
  ];
  const aMonth = days * 86_400;
  const ofMonth = 10_000_000;
  const columns = [
    ['10 million a month', ...column(ofMonth, (ofMonth / aMonth) * peak)],
    ['100 a second', ...column(100 * aMonth, 100)],
    ['1,000 a second', ...column(1_000 * aMonth, 1_000)],
  ];
  const names = [
    'arithmetic, for sagas that are granted at once',
    `sagas/s at most (a month: ${peak} × the average)`,
    `cores, application, ${busy * 100} % busy`,
    'cores, Temporal',
    'cores, Postgres',
    `GB, Temporal, ${days} days`,
    'GB more a month, Postgres',
  ];
  return align(names.map((name, row) => [name, ...columns.map((column) => column[row] ?? '')]));
}
