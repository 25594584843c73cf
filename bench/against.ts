import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, step } from '../scripts/stack/progress.ts';
import { run } from '../scripts/stack/run.ts';
import { type Contender, contenders } from './contenders.ts';
import { hasFastPath } from './engines/unwind/newer.ts';
import { npm } from './npm.ts';
import { project } from './stack.ts';
import { commitOf } from './versions.ts';

const limitMs = 10 * 60_000;

/** A work tree with the source and packages of the commit, and the benchmark of this checkout. */
export async function checkOut(commit: string, log: Log, onPlace: (leave: () => Promise<void>) => void) {
  const id = commitOf(commit);
  if (id === 'unknown') throw new Error(`There is no commit ${commit} here: git fetch may bring it.`);
  const folder = mkdtempSync(join(tmpdir(), 'unwind-against-'));
  const root = join(folder, 'unwind');
  const git = (...args: string[]) => run('git', ['-C', project, ...args], process.env, limitMs);
  onPlace(async () => {
    await git('worktree', 'remove', '--force', root).catch(() => {});
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await step(log, `Unwind ${id}`, 'checking out, and installing its packages (npm ci)', async () => {
    await git('worktree', 'add', '--detach', root, id);
    rmSync(join(root, 'bench'), { recursive: true, force: true });
    const isOurs = (path: string) => !/[\\/](node_modules|results)([\\/]|$)/.test(path.slice(project.length));
    cpSync(join(project, 'bench'), join(root, 'bench'), { recursive: true, filter: isOurs });
    await npm(
      ['ci', '--prefer-offline', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      root,
      limitMs,
    );
  });
  return { root, commit: id };
}

/** Those of which `--against` runs two versions. */
export const isCompared = ({ part, runs }: Contender) => part === 'unwind' && runs === 'four-steps';

/** Unwind's contenders, each with its counterpart of the other version. */
export const againstContenders = (root: string): Contender[] =>
  contenders
    .filter(isCompared)
    .filter(({ engine }) => engine !== 'engines/unwind/fast' || hasFastPath(root))
    .flatMap((contender) => [
      contender,
      {
        ...contender,
        root,
        name: `${contender.name}-old`,
        title: `${contender.title} (old)`,
        taskQueue: `${contender.taskQueue}-old`,
      },
    ]);
