import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import { benchmark, freshFolder } from './benchmark.ts';

const number = expect.any(Number);
const times = { samples: number, p50_ms: number, p95_ms: number };
const grown = { before: number, after: number, bytes_per_saga: number };

test('many sagas at rest are measured, told as tables and JSON, and nothing is left behind', async () => {
  const [home, out] = [freshFolder(), freshFolder()];
  const { stdout } = await benchmark(home, ['--growth', '--sagas', '20', '--json', '--out', out]);

  expect(stdout).toMatch(
    /^20 mortgage originations wait for an underwriter; API and workers in one process/m,
  );
  expect(stdout).toMatch(/^from decision to completed +5 +[\d.]+ +[\d.]+$/m);
  expect(stdout).toMatch(/^ {2}table loan\.saga_step +\d+ +\d+ +\d+$/m);

  const results = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(results).toMatchObject({
    sagas: 20,
    placement: 'together',
    fill: { seconds: number, sagas_per_second: number, post_p50_ms: number, resent: number },
    history: {
      waiting: { events: number, bytes: number },
      completed: { events: number, bytes: number },
    },
    disk: {
      databases: expect.any(Object),
      tables: expect.objectContaining({ 'customer.saga_step': grown, 'unwind.saga': grown }),
      bytes_per_saga: { temporal: number, unwind: number, services: number, saga_step: number },
    },
    disk_of_ended: { sagas: number },
    reads: { first_page: times, saga: times },
    wake: times,
    restart: { working_ms: number, first_completed_ms: number, others: times },
  });
  expect(results.history.completed.events).toBeGreaterThan(results.history.waiting.events);
  expect(results.restart.first_completed_ms).toBeGreaterThan(0);
  expect(results.throughput.map(({ workers }: { workers: number }) => workers)).toEqual([1, 2]);
  if (process.platform === 'linux') {
    const each = { api: number, temporal: number, postgres: number };
    expect(results.fill.cpu_ms_per_saga).toEqual(each);
    expect(results.at_rest.cpu_ms_per_second).toEqual(each);
    expect(results.memory.api).toEqual({ before_mb: number, after_mb: number, kb_per_saga: number });
  }

  expect(JSON.parse(readFileSync(join(out, 'growth.json'), 'utf8'))).toEqual(results);
  expect(readdirSync(home)).toEqual([]);
}, 300_000);

test.for([
  [['--growth', '--short'], /--growth is a run of its own: leave --short out/],
  [['--growth', '--rounds', '3'], /--growth is a run of its own: leave --rounds out/],
  [['--growth', '--placement', 'nowhere'], /--placement must be apart or together, not nowhere/],
  [['--placement', 'apart'], /--placement goes with --growth/],
] as const)('%s is refused with a reason', ([options, told]) => {
  expect(() => readOptions([...options], [])).toThrow(told);
});
