import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { prepareHistories } from '../../scripts/stack/temporal-histories.ts';
import { temporaryFolder } from './support.ts';

let file: string;
const ends = ['', '-wal', '-shm'];
const prepare = (version: string) => prepareHistories(file, '/usr/bin/temporal', version);

beforeEach(() => {
  file = join(temporaryFolder(), 'temporal', 'temporal.db');
});

/** As a server does that has responded. */
function make(version: string): void {
  const { keep } = prepare(version);
  for (const end of ends) writeFileSync(file + end, 'histories');
  keep();
}

test('a file that a first start left half made is made again', () => {
  prepare('1.29.1');
  for (const end of ends) writeFileSync(file + end, 'half a schema');
  prepare('1.29.1').keep();
  expect(readdirSync(dirname(file))).toEqual(['server-version']);
});

test('histories stay, whatever patch release opens them', () => {
  make('1.29.1');
  prepare('1.29.3').keep();
  prepare('1.29.3');
  expect(readFileSync(file, 'utf8')).toBe('histories');
});

test.each(['1.28.4', '1.30.0', '2.29.1'])('Temporal %s does not open what 1.29.1 made', (version) => {
  make('1.29.1');
  expect(() => prepare(version)).toThrow(
    new RegExp(
      `^Temporal 1.29.1 made the histories in ${file}, and /usr/bin/temporal has Temporal ${version}`,
    ),
  );
  expect(readFileSync(file, 'utf8')).toBe('histories');
});

test('histories from before versions were noted stay, and get a version', () => {
  mkdirSync(dirname(file));
  writeFileSync(file, 'histories');
  prepare('1.29.1').keep();
  expect(existsSync(file)).toBe(true);
  expect(() => prepare('1.30.0')).toThrow('made the histories');
});
