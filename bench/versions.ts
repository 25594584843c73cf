import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { peersFolder } from './peers.ts';
import { project } from './stack.ts';

/** Returns the id of the commit, marked if the checkout has uncommitted changes. */
export function commitOf(name: string): string {
  const commit = git('rev-parse', '--short=12', `${name}^{commit}`) ?? 'unknown';
  const changed = name === 'HEAD' && git('status', '--porcelain', '--', 'src', 'bench');
  return changed ? `${commit} with changes` : commit;
}

/** Of Node and of the client libraries. The servers report their own. */
export function versionsOf(packages: string[]): Record<string, string> {
  const own = ['@temporalio/worker', 'postgres'];
  return {
    unwind: commitOf('HEAD'),
    node: process.versions.node,
    ...Object.fromEntries(own.map((name) => [name, versionIn(join(project, 'node_modules', name))])),
    ...Object.fromEntries(packages.map((name) => [name, versionIn(join(peersFolder, 'node_modules', name))])),
  };
}

const packageJson = z.object({ version: z.string() });

function versionIn(folder: string): string {
  return packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: project, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
