import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { applyEdit } from './edit.ts';
import { type Mutant, mutants } from './mutants.ts';

/**
 * Breaks the code in one way after the other, in a copy of the project, and shows which test goes red. First runs all of
 * these tests with nothing broken, unless --at-once is given.
 */
const project = join(import.meta.dirname, '..', '..');
const atOnce = process.argv.includes('--at-once');
const chosen = process.argv.slice(2).filter((argument) => argument !== '--at-once');
const selected = mutants.filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
);

if (selected.length === 0) {
  console.error(`None is named like ${chosen.join(' or ')}. There are:`);
  for (const { name } of mutants) console.error(`  ${name}`);
  process.exit(1);
}

const couldNotStart = 'the tests could not start';
const report = z.object({
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});

const copy = mkdtempSync(join(tmpdir(), 'unwind-sabotage-'));
let unnoticed = 0;
try {
  const left = ['node_modules', '.git', '.unwind'];
  cpSync(project, copy, {
    recursive: true,
    filter: (path) => !left.some((name) => path === join(project, name)),
  });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  const tests = [...new Set(selected.flatMap((mutant) => mutant.tests))];
  if (!atOnce) {
    console.log('nothing broken');
    const red = redTests(tests);
    if (red?.length !== 0) throw new Error(`red without any sabotage: ${red?.join('; ') ?? couldNotStart}`);
  }
  for (const [index, mutant] of selected.entries()) {
    console.log(`\n${index + 1} of ${selected.length}: ${mutant.name}`);
    const red = redWith(mutant);
    for (const name of red ?? []) console.log(`  red: ${name}`);
    if (red && red.length > 0) continue;
    unnoticed += 1;
    console.log(red ? '  SURVIVED: no test went red' : `  ERROR: ${couldNotStart}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`\n${selected.length - unnoticed} of ${selected.length} were noticed`);
process.exitCode = unnoticed > 0 ? 1 : 0;

/** The tests that fail with the mutant. */
function redWith({ edits, tests }: Mutant): string[] | undefined {
  const before = new Map(edits.map(({ file }) => [file, readFileSync(join(project, file), 'utf8')]));
  const after = new Map(before);
  for (const edit of edits) after.set(edit.file, applyEdit(after.get(edit.file) ?? '', edit));
  const write = (files: Map<string, string>) => {
    for (const [file, text] of files) writeFileSync(join(copy, file), text);
  };
  write(after);
  try {
    return redTests(tests);
  } finally {
    write(before);
  }
}

/** Undefined when none of them could start: that says nothing of what they notice. */
function redTests(tests: string[]): string[] | undefined {
  const output = join(copy, 'sabotage.json');
  rmSync(output, { force: true });
  const command = ['scripts/test.mjs', ...tests, '--reporter=json', `--outputFile=${output}`, '--bail=3'];
  const { status } = spawnSync(process.execPath, command, { cwd: copy, stdio: 'ignore' });
  if (status === 0) return [];
  const results = report.safeParse(readJson(output)).data?.testResults ?? [];
  const failed = results.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : [])),
  );
  return failed.length > 0 ? failed : undefined;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
