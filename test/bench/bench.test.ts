import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import { benchmark, freshFolder } from './benchmark.ts';

test('the benchmark runs to its end, prints tables and JSON, and leaves nothing behind', async () => {
  const [home, out] = [freshFolder(), freshFolder()];
  const only = 'unwind-fast,noop,floor,origination-floor';
  const few = ['--short', '--rounds', '1', '--sagas', '3', '--only', only];
  const { stdout } = await benchmark(home, [...few, '--json', '--out', out]);

  expect(stdout).toMatch(/^Postgres 18\.\d+: fsync on, synchronous_commit on, full_page_writes on$/m);
  expect(stdout).toMatch(/^Temporal [\d.]+: .*journal_mode WAL, synchronous FULL$/m);
  const loads = ['one at a time', '50 at once', 'arrivals'].map((way) => `granted, ${way}`);
  for (const load of [...loads, 'undone, one at a time', 'undone, 50 at once'])
    expect(stdout).toMatch(new RegExp(`^${load} +sagas .*\nUnwind fast · SQLite +[1-3] +[\\d.]+ `, 'm'));

  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const results = JSON.parse(line);
  expect(results.ratios).toEqual({
    throughput_vs_best_peer: null,
    p50_vs_best_peer: null,
    throughput_vs_noop: expect.any(Number),
  });
  expect(results).toMatchObject({
    machine: { cores: expect.any(Number) },
    versions: { node: process.versions.node },
  });
  const spread = { median: expect.any(Number), min: expect.any(Number), max: expect.any(Number) };
  expect(results.phases).toEqual([
    expect.objectContaining({ durability: 'fsync', left_out: {}, lines: expect.any(Array) }),
  ]);
  expect(results.phases[0].lines).toContainEqual(
    expect.objectContaining({ contender: 'floor', way: '50 at once', sagas: 3, sagas_per_second: spread }),
  );

  expect(JSON.parse(readFileSync(join(out, 'benchmark.json'), 'utf8'))).toEqual(results);
  expect(readFileSync(join(out, 'benchmark.svg'), 'utf8')).toMatch(
    /^<svg [\s\S]*Unwind fast · SQLite[\s\S]*<\/svg>\n$/,
  );
  expect(readdirSync(home)).toEqual([]);
}, 180_000);

test.for([
  [['--quick'], /Unknown option '--quick'.*\n {2}--short +within ten minutes/],
  [['--only', 'camunda'], /There is no contender camunda\. There are: unwind, dbos/],
  [
    ['--against', 'main', '--only', 'dbos'],
    /--against runs two versions of Unwind, not dbos\. There are: unwind$/,
  ],
  [['--out', ''], /--out needs the name of a folder\. Without --out it is bench\/results/],
  [['--rounds', 'many'], /--rounds must be a whole number from 1, not many/],
] as const)('%s is refused with what there is', ([options, told]) => {
  expect(() => readOptions([...options], ['unwind', 'dbos'], ['unwind'])).toThrow(told);
});

test('what is refused ends the benchmark with its reason', async () => {
  const refused = expect.objectContaining({
    code: 1,
    stderr: expect.stringMatching(/^There is no contender/),
  });
  await expect(benchmark(freshFolder(), ['--only', 'camunda'])).rejects.toEqual(refused);
});

test('a folder for the results that cannot be written ends the benchmark before anything is started', async () => {
  const home = freshFolder();
  const file = join(freshFolder(), 'a-file');
  writeFileSync(file, '');
  const stderr = expect.stringMatching(/^--out .*a-file cannot be written \(EEXIST\)\. Name a folder/);
  for (const kind of [
    ['--only', 'floor', '--rounds', '1', '--sagas', '1'],
    ['--growth', '--sagas', '1'],
  ])
    await expect(benchmark(home, [...kind, '--out', file])).rejects.toEqual(
      expect.objectContaining({ code: 1, stderr }),
    );
  expect(readdirSync(home)).toEqual([]);
});
