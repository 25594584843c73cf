import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const project = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** A copy of the project with the diffs of a page of docs/ applied. */
export async function applyPage(page: string) {
  const text = readFileSync(join(project, 'docs', page), 'utf8');
  const diffs = [...text.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, diff]) => diff ?? '');
  const copy = mkdtempSync(join(tmpdir(), 'unwind-page-'));
  for (const name of ['src', 'tsconfig.json', 'package.json'])
    cpSync(join(project, name), join(copy, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'page.diff'), diffs.join(''));
  await run('git', ['apply', '--unidiff-zero', 'page.diff'], { cwd: copy });
  return {
    copy,
    diffs,
    /** What the compiler reports. */
    compile: async () => (await run(join(project, 'node_modules', '.bin', 'tsc'), [], { cwd: copy })).stdout,
    remove: () => rmSync(copy, { recursive: true }),
  };
}
