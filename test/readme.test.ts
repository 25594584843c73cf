import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { stepTables } from '../scripts/step-tables.ts';
import { allVariableNames, loadStackConfig } from '../src/config-stack.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

test('the step tables of docs/sagas.md are those of the step objects', () => {
  const between = /<!-- steps -->\n\n([\s\S]*?)\n\n<!-- \/steps -->/.exec(read('docs/sagas.md'))?.[1];
  expect(between).toBe(stepTables());
});

test("the saga in the README is the source's text", () => {
  const [, file = '', code = ''] =
    /<!-- saga: (\S+) -->\n\n```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const linesOf = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  const source = linesOf(read(file));
  const shown = linesOf(code).filter((line) => !line.startsWith('// …'));
  expect(shown.length).toBeGreaterThan(10);
  let position = -1;
  for (const line of shown) {
    const next = source.indexOf(line, position + 1);
    expect(next, line).toBeGreaterThan(position);
    position = next;
  }
});

test('docs/configuration.md lists the variables that are read, and no others', () => {
  const firstCells = [...read('docs/configuration.md').matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell);
  const listed = firstCells.flatMap((cell) =>
    [...(cell ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  // Temporal's own are read by its SDK, and PATH is no setting of Unwind.
  const temporals = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];
  expect(listed.filter((name) => !temporals.includes(name ?? '')).toSorted()).toEqual(
    allVariableNames.filter((name) => name !== 'PATH').toSorted(),
  );
});

test.each(['docs/operations.md', 'docs/configuration.md', 'docs/coming-from.md'])(
  '%s names the address at which npm start puts Postgres',
  (file) => {
    const { DATABASE_URL } = loadStackConfig({}).forChildren;
    expect(DATABASE_URL).toMatch(/^postgres:/);
    expect(read(file)).toContain(DATABASE_URL);
  },
);

test.each(documents)('every path that %s names exists', (file) => {
  const named = [...read(file).matchAll(/`((?:src|test|scripts|docs|drizzle|\.ci)\/[\w./-]*)`/g)].map(
    ([, path]) => path ?? '',
  );
  const linked = linksOf(file).map(({ to }) => to);
  expect([...named, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(documents)('every heading that %s links to exists', (file) => {
  const missing = linksOf(file).filter(
    ({ to, heading }) => heading !== undefined && !headingsOf(to).includes(heading),
  );
  expect(missing).toEqual([]);
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

// Her seventh loan is refused, as the README says, only if the others are hers too.
test.each(['docs/api.md', 'scripts/stack/what-to-try.ts'])(
  '%s lends to others than the quick start',
  (file) => {
    const [, email = ''] = /"email":"([^"]+)"/.exec(read('README.md')) ?? [];
    expect(email).not.toBe('');
    expect(read(file)).toMatch(/"email":"[^"]+"/);
    expect(read(file)).not.toContain(email);
  },
);

/** Within the project. */
function linksOf(file: string): { to: string; heading: string | undefined }[] {
  return [...read(file).matchAll(/\]\((?!http)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, heading]) => ({
    to: path ? normalize(join(dirname(file), path)) : file,
    heading,
  }));
}

/** As GitHub names them in links. */
const headingsOf = (file: string) =>
  [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
