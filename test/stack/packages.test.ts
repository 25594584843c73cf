import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify } from '../../scripts/stack/processes.ts';
import { run, start } from '../compose/programs.ts';
import { executable, temporaryFolder } from './support.ts';

/** A project with packages of another version, whose npm says what it was told; and what a command does first in it. */
function outdated() {
  const project = join(temporaryFolder(), 'project');
  const scripts = join(import.meta.dirname, '..', '..', 'scripts', 'lib');
  cpSync(scripts, join(project, 'scripts', 'lib'), { recursive: true });
  for (const folder of ['node_modules', '.unwind']) mkdirSync(join(project, folder));
  writeFileSync(join(project, 'package-lock.json'), '{}');
  const marker = join(project, 'node_modules', '.unwind-lock-hash');
  writeFileSync(marker, 'of another version');
  executable(join(project, 'bin', 'npm'), 'echo "npm $*"');
  const ensure = "import('./scripts/lib/packages.mjs').then(({ ensurePackages }) => ensurePackages())";
  const command = [process.execPath, '--eval', ensure];
  const env = { PATH: `${join(project, 'bin')}:${process.env['PATH']}` };
  return { project, marker, command, env };
}

const ownedBy = (project: string, started: string | undefined) =>
  writeFileSync(
    join(project, '.unwind', 'stack.json'),
    JSON.stringify({ supervisor: { pid: process.pid, started }, children: [] }),
  );

test('packages of another version are not replaced while a stack runs on them', async () => {
  const { project, marker, command, env } = outdated();
  ownedBy(project, identify(process.pid));
  const program = start(command, project, env);
  expect(await program.ended).toBe(1);
  expect(program.printed()).toBe(
    `Packages: those of another version are to be installed, and Unwind runs (process ${process.pid}): stop it, then try again.\n`,
  );
  expect(readFileSync(marker, 'utf8')).toBe('of another version');
});

test('they are replaced when it has ended, also where another process has its pid, and only once', async () => {
  const { project, marker, command, env } = outdated();
  ownedBy(project, 'tick 1 of another boot');
  expect(await run(command, project, env)).toContain('npm ci --include=dev');
  expect(existsSync(marker)).toBe(true);

  ownedBy(project, identify(process.pid));
  expect(await run(command, project, env)).toBe('');
});
