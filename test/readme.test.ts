import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stepTables } from '../scripts/step-tables.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/operations.md',
  'docs/api.md',
  'docs/resources.md',
  'docs/shop.md',
  'docs/events.md',
];

test('the step tables in the README are those of the step objects', () => {
  const between = /<!-- steps -->\n\n([\s\S]*?)\n\n<!-- \/steps -->/.exec(read('README.md'))?.[1];
  expect(between).toBe(stepTables());
});

test.each(documents)('every path that %s names exists', (file) => {
  const named = [...read(file).matchAll(/`((?:src|test|scripts|docs|drizzle|\.ci)\/[\w./-]*)`/g)].map(
    ([, path]) => path ?? '',
  );
  const linked = [...read(file).matchAll(/\]\((?!http|#)([^)#]+)/g)].map(([, path]) =>
    join(file, '..', path ?? ''),
  );
  expect([...named, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(documents)('every npm script that %s names exists', (file) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read(file).matchAll(/`npm (?:run )?([a-z][\w:-]*)|^npm (?:run )?([a-z]+)/gm)].map(
    ([, quoted, typed]) => quoted ?? typed ?? '',
  );
  const unknown = named.filter(
    (name) => !['run', 'ci', 'install', 'start', 'test'].includes(name) && !scripts[name],
  );
  expect(unknown).toEqual([]);
});
