import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '..', '..');
const bench = join(project, 'bench');
const engines = join(bench, 'engines', 'unwind');

/** The modules that a file of the benchmark loads at once. */
const loadedBy = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?'(\.[^']*)';/gms)].map(([, path = '']) =>
    join(dirname(file), path),
  );

function reachableFrom(files: readonly string[]): Set<string> {
  const found = new Set(files);
  for (const file of found)
    if (file.startsWith(bench)) for (const loaded of loadedBy(file)) found.add(loaded);
  return found;
}

test('--against runs the contenders in older versions of Unwind: they load only what has been there for long', () => {
  const contenders = readdirSync(engines).map((name) => join(engines, name));
  const ofUnwind = [...reachableFrom(contenders)].filter((file) => !file.startsWith(bench));
  expect(ofUnwind.map((file) => relative(project, file)).toSorted()).toEqual([
    'src/activities/step-activities.ts',
    'src/guard/database.ts',
    'src/guard/implement.ts',
    'src/guard/schema.ts',
    'src/logger.ts',
    'src/metrics/runtime.ts',
    'src/metrics/steps.ts',
    'src/saga/define-saga.ts',
    'src/saga/errors.ts',
    'src/saga/state.ts',
    'src/saga/step.ts',
    'src/workflows/start-options.ts',
  ]);
});
