import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { applyEdit } from './edit.ts';
import { type Mutant, mutants } from './mutants.ts';

/** Breaks the code one way after the other in a copy of the project, and shows which test goes red. */
const project = join(import.meta.dirname, '..', '..');
const chosen = process.argv.slice(2);
const selected = mutants.filter(
  ({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)),
);

const report = z.object({
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});

const copy = mkdtempSync(join(tmpdir(), 'unwind-sabotage-'));
let survivors = 0;
try {
  const left = ['node_modules', '.git', '.unwind'];
  cpSync(project, copy, {
    recursive: true,
    filter: (path) => !left.some((name) => path === join(project, name)),
  });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  for (const [index, mutant] of selected.entries()) {
    console.log(`\n${index + 1} of ${selected.length}: ${mutant.name}`);
    const red = redTests(mutant);
    for (const name of red) console.log(`  red: ${name}`);
    if (red.length > 0) continue;
    survivors += 1;
    console.log('  SURVIVED: no test went red');
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`\n${selected.length - survivors} of ${selected.length} were noticed`);
process.exitCode = survivors > 0 || selected.length === 0 ? 1 : 0;

/** The tests that fail with the mutant and without it would not; what cannot even start counts as one. */
function redTests({ edits, tests }: Mutant): string[] {
  const before = new Map(edits.map(({ file }) => [file, readFileSync(join(project, file), 'utf8')]));
  const after = new Map(before);
  for (const edit of edits) after.set(edit.file, applyEdit(after.get(edit.file) ?? '', edit));
  const write = (files: Map<string, string>) => {
    for (const [file, text] of files) writeFileSync(join(copy, file), text);
  };
  write(after);
  const output = join(copy, 'sabotage.json');
  rmSync(output, { force: true });
  const command = ['scripts/test.mjs', ...tests, '--reporter=json', `--outputFile=${output}`, '--bail=3'];
  const { status } = spawnSync(process.execPath, command, { cwd: copy, stdio: 'ignore' });
  write(before);
  if (status === 0) return [];
  const results = report.safeParse(readJson(output)).data?.testResults ?? [];
  const failed = results.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : [])),
  );
  return failed.length > 0 ? failed : ['(the tests could not start)'];
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
