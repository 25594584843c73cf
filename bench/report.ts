import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import postgres from 'postgres';
import type { Measured } from './measure.ts';
import type { Stack } from './stack.ts';

const settings = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes'] as const;

/** What the figures hold for: machine, versions, durability. */
export async function describeSetUp(
  { config, cli }: Pick<Stack, 'config' | 'cli'>,
  load: { before: number; after: number },
) {
  const sql = postgres(config.databases.loan, { max: 1 });
  const rows = await sql<{ name: string; setting: string }[]>`
    select name, setting from pg_settings where name in ${sql(settings)}`;
  await sql.end();
  const pg = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  const { stdout } = spawnSync(cli, ['--version'], { encoding: 'utf8' });
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return [
    `Machine   ${cpus()[0]?.model}, ${cpus().length} cores, ${memory}, ${type()} ${release()}; load ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`,
    `Node      ${process.versions.node}; API, worker and this benchmark are a process each`,
    `Postgres  ${pg['server_version']}: fsync ${pg['fsync']}, synchronous_commit ${pg['synchronous_commit']}, full_page_writes ${pg['full_page_writes']}`,
    `Temporal  ${/Server [\d.]+/.exec(stdout)?.[0] ?? stdout.trim()}, one process on an SQLite file: journal_mode WAL, synchronous FULL (SQLite's default)`,
  ].join('\n');
}

/** The last way is the floor that the others are compared with. */
export function table(measured: Measured[]): string {
  const floor = percentile(measured.at(-1)?.milliseconds ?? [], 50);
  const rows = measured.map(({ way, milliseconds }) => {
    const [p50, p95] = [percentile(milliseconds, 50), percentile(milliseconds, 95)];
    return [
      way,
      String(milliseconds.length),
      `${p50.toFixed(1)} ms`,
      `${p95.toFixed(1)} ms`,
      `${(p50 / floor).toFixed(1)} ×`,
    ];
  });
  const all = [['', 'sagas', 'p50', 'p95', 'p50 to floor'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ');
  return all.map(line).join('\n');
}

/** The nearest rank. */
const percentile = (ascending: number[], percent: number) =>
  ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)] ?? Number.NaN;
