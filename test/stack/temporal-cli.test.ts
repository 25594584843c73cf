import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Obtain } from '../../scripts/stack/obtain.ts';
import { type CliSearch, findTemporalCli } from '../../scripts/stack/temporal-cli.ts';
import { executable, temporaryFolder } from './support.ts';

const works = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"';
const tooOld = 'echo "temporal version 1.1.1 (Server 1.25.1, UI 2.31.2)"';
const offline: Obtain = async () => {
  throw new Error('download: no network');
};

let folder: string;
let cache: string;
let cached: string;
const search = (over: Partial<CliSearch> = {}) =>
  findTemporalCli({
    configured: undefined,
    path: '',
    cache,
    log: () => {},
    waysToObtain: [offline],
    ...over,
  });

beforeEach(() => {
  folder = temporaryFolder();
  cache = join(folder, 'cache');
  cached = join(cache, 'temporal-1.5.1', 'temporal');
});

test('the configured path comes first, then the version in the cache, then PATH', async () => {
  const configured = executable(join(folder, 'mine', 'cli'), works);
  const onPath = executable(join(folder, 'bin', 'temporal'), works);
  const path = `${join(folder, 'empty')}:${join(folder, 'bin')}`;

  expect(await search({ path })).toBe(onPath);
  executable(cached, works);
  expect(await search({ path })).toBe(cached);
  expect(await search({ configured, path })).toBe(configured);
});

test('what does not answer --version is passed over', async () => {
  executable(cached, 'exit 1');
  executable(join(folder, 'broken', 'temporal'), 'exit 1');
  const onPath = executable(join(folder, 'bin', 'temporal'), works);
  expect(await search({ path: `${join(folder, 'broken')}:${join(folder, 'bin')}` })).toBe(onPath);
});

test('one that brings an older server than Unwind needs is passed over, or an error where it is configured', async () => {
  const old = executable(join(folder, 'old', 'temporal'), tooOld);
  const recent = executable(join(folder, 'bin', 'temporal'), works);
  const lines: string[] = [];
  const path = `${join(folder, 'old')}:${join(folder, 'bin')}`;
  expect(await search({ path, log: (line) => lines.push(line) })).toBe(recent);
  expect(lines).toEqual([
    `Temporal CLI: ${old} is too old (temporal version 1.1.1 (Server 1.25.1, UI 2.31.2)), and is not used`,
  ]);
  await expect(search({ configured: old })).rejects.toThrow(`${old}, which is too old`);
});

test('a cache that cannot be written is named, with the variable to set', async () => {
  const file = executable(join(folder, 'file'), '');
  cache = join(file, 'cache');
  await expect(search()).rejects.toThrow(
    /^The folder .*file\/cache\/temporal-1\.5\.1 cannot be written.*UNWIND_CACHE/,
  );
});

test('a configured path that does not answer is an error, not passed over', async () => {
  executable(cached, works);
  const configured = join(folder, 'nowhere');
  await expect(search({ configured })).rejects.toThrow(`TEMPORAL_CLI_PATH names ${configured}`);
});

test('what is obtained goes into the cache in one piece, and nothing else stays', async () => {
  const build: Obtain = async (workshop) => executable(join(workshop, 'temporal'), works);
  expect(await search({ waysToObtain: [offline, build] })).toBe(cached);
  expect(readdirSync(cache)).toEqual(['temporal-1.5.1']);
  expect(await search()).toBe(cached);
});

test('two that obtain it at once do no harm', async () => {
  const build: Obtain = async (workshop) => executable(join(workshop, 'temporal'), works);
  const both = await Promise.all([search({ waysToObtain: [build] }), search({ waysToObtain: [build] })]);
  expect(both).toEqual([cached, cached]);
});

test('a broken result never reaches the cache', async () => {
  const broken: Obtain = async (workshop) => executable(join(workshop, 'temporal'), 'exit 1');
  await expect(search({ waysToObtain: [broken] })).rejects.toThrow('does not answer --version');
  expect(readdirSync(join(cache, 'temporal-1.5.1'))).toEqual([]);
});

test('when nothing works the message says what to do and what was tried', async () => {
  const build: Obtain = async () => {
    throw new Error('go install: there is no go on PATH');
  };
  const failure = await search({ waysToObtain: [offline, build] }).catch((error: Error) => error.message);
  expect(failure).toBe(
    [
      'The Temporal CLI is missing, and it could not be downloaded or built. Do one of these, then try again:',
      '  - install it (https://docs.temporal.io/cli), on PATH or named by TEMPORAL_CLI_PATH',
      '  - install Go from https://go.dev/dl: it is then built here, in about five minutes',
      '  - set TEMPORAL_ADDRESS to a Temporal server of yours',
      'Tried: download: no network',
      'Tried: go install: there is no go on PATH',
    ].join('\n'),
  );
});
