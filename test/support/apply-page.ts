import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const project = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** All that tsc compiles. */
const compiled = [
  'src',
  'scripts',
  'test',
  'bench',
  'drizzle',
  'vitest.config.ts',
  'tsconfig.json',
  'package.json',
];

/** A copy of the project, or of another one, with the diffs of a page of docs/ applied. */
export async function applyPage(page: string, from = project) {
  const text = readFileSync(join(project, 'docs', page), 'utf8');
  const diffs = [...text.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, diff]) => diff ?? '');
  const copy = mkdtempSync(join(tmpdir(), 'unwind-page-'));
  const filter = (path: string) => !path.endsWith('node_modules');
  for (const name of compiled) cpSync(join(from, name), join(copy, name), { recursive: true, filter });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'page.diff'), diffs.join(''));
  const remove = () => rmSync(copy, { recursive: true });
  await run('git', ['apply', '--unidiff-zero', 'page.diff'], { cwd: copy }).catch(({ stderr }) => {
    remove();
    throw new Error(`docs/${page} no longer fits the code: adapt its changes to yours\n${stderr}`);
  });
  return {
    copy,
    diffs,
    /** What the compiler reports. */
    compile: () =>
      run(join(project, 'node_modules', '.bin', 'tsc'), [], { cwd: copy }).then(
        ({ stdout }) => stdout,
        ({ stdout, message }) => stdout || message,
      ),
    remove,
  };
}
