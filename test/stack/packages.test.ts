import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { identify } from '../../scripts/stack/processes.ts';
import { run, start } from '../compose/programs.ts';
import { eventually, executable, temporaryFolder } from './support.ts';

const enginesOf = z.object({ node: z.string().optional() }).optional();
const packageFile = z.object({ engines: z.object({ node: z.string() }) });
const lockFile = z.object({
  packages: z.record(z.string(), z.object({ optional: z.boolean().optional(), engines: enginesOf })),
});

/** A project with packages of another version, whose npm prints its arguments; and the first thing a command does there. */
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
    `Packages: another version must be installed, and Unwind is running (process ${process.pid}). Stop it, then try again.\n`,
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

test('of two commands at once, one installs and the other waits for it', async () => {
  const { project, command, env } = outdated();
  const [log, finish] = [join(project, 'log'), join(project, 'finish')];
  executable(
    join(project, 'bin', 'npm'),
    `echo run >> ${log}; while [ ! -e ${finish} ]; do sleep 0.05; done`,
  );
  const first = start(command, project, env);
  await eventually(() => existsSync(log), 'npm ci');
  const second = start(command, project, env);
  await eventually(() => second.printed() !== '', 'a line of the second command');
  writeFileSync(finish, '');
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  expect(second.printed()).toBe(`Packages: waiting until process ${first.pid} has installed them …\n`);
  expect(readFileSync(log, 'utf8')).toBe('run\n');
  expect(readdirSync(project).filter((name) => name.startsWith('.unwind-installing'))).toEqual([]);
});

test('the lock of a command that was killed is taken over', async () => {
  const { project, command, env } = outdated();
  writeFileSync(
    join(project, '.unwind-installing'),
    JSON.stringify({ pid: process.pid, started: 'tick 1 of another boot' }),
  );
  expect(await run(command, project, env)).toContain('npm ci --include=dev');
});

test('where packages cannot be installed because the folder cannot be written, it is named', async () => {
  const { project, command, env } = outdated();
  // Root may write everywhere, but no file in place of a folder.
  const inTheWay = ['/bin/sh', '-c', 'mkdir ".unwind-installing.$$" && exec "$@"', 'sh'];
  const program = start([...inTheWay, ...command], project, env);
  expect(await program.ended).toBe(1);
  expect(program.printed()).toMatch(
    /^Packages: they must be installed, and the folder \S+ cannot be written \(EISDIR\)\. .*\n$/,
  );
});

describe('the versions of Node', () => {
  const read = (file: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8'));
  const { engines } = packageFile.parse(read('package.json'));

  test('that Unwind asks for suffice for each of its packages', () => {
    const { packages } = lockFile.parse(read('package-lock.json'));
    const wanted = Object.entries(packages).filter(([, { optional }]) => !optional);
    expect(wanted.length).toBeGreaterThan(100);
    const least = [...engines.node.matchAll(/\d+\.\d+\.\d+/g)].map(([version]) => version);
    expect(least.length).toBeGreaterThan(0);
    for (const version of least)
      expect(
        wanted.filter(([, { engines }]) => !satisfies(version, engines?.node ?? '*')).map(([name]) => name),
        version,
      ).toEqual([]);
  });

  test('are the same in package.json and in its lock file', () => {
    expect(lockFile.parse(read('package-lock.json')).packages['']?.engines).toEqual(engines);
  });

  test.each(['20.19.0', '20.30.1', '22.13.0', '23.0.0', '24.1.0', '20.18.9', '21.9.0', '22.12.0'])(
    'of package.json are those that the first command accepts: %s',
    async (version) => {
      const { project, command, env } = outdated();
      const [node = '', option = '', code = ''] = command;
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); ${code}`;
      const program = start([node, option, pretend], project, env);
      expect(await program.ended).toBe(satisfies(version, engines.node) ? 0 : 1);
      if ((await program.ended) === 1) expect(program.printed()).toContain(`Node ${version} is too old`);
    },
  );
});

/** What of npm's ranges the lock file uses: alternatives of ^a.b.c, >=a.b.c, a and a.* */
function satisfies(version: string, range: string): boolean {
  const given = version.split('.').map(Number);
  return range.split('||').some((part) => {
    const [, operator, digits = ''] = /^\s*(\^|>=)?\s*v?([\d.]*)/.exec(part) ?? [];
    const wanted = digits.split('.').filter(Boolean).map(Number);
    const differs = wanted.findIndex((number, index) => number !== given[index]);
    const atLeast = differs < 0 || (given[differs] ?? 0) > (wanted[differs] ?? 0);
    return atLeast && (operator === '>=' || wanted.length === 0 || wanted[0] === given[0]);
  });
}
