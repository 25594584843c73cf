import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { isHome, removeHome, takeHome } from '../../scripts/stack/home.ts';
import { until } from '../../scripts/stack/processes.ts';
import { type ChildSpec, createSupervisor } from '../../scripts/stack/supervisor.ts';

const ignore = () => {};

export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'unwind-stack-'));
  chmodSync(folder, mode);
  onTestFinished(async () => {
    if (isHome(folder)) await removeHome(folder, ignore);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export async function supervise(
  timing: { graceMs?: number; firstRestartMs?: number; longestRestartMs?: number } = {},
) {
  const lines: string[] = [];
  const home = await takeHome(temporaryFolder(), ignore);
  const supervisor = createSupervisor({ home, log: (line) => lines.push(line), ...timing });
  onTestFinished(() => supervisor.stop());
  return { supervisor, home, lines };
}

export const shell = (name: string, script: string): ChildSpec => ({
  name,
  command: '/bin/sh',
  args: ['-c', script],
});

export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 20_000,
): Promise<void> {
  if (!(await until(condition, limitMs))) throw new Error(`never happened: ${what}`);
}

export function executable(file: string, script: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

const record = z.object({ children: z.array(z.object({ name: z.string(), pid: z.number() })) });

/** The processes that a home has on record. */
export const childrenOf = (home: string) =>
  record.parse(JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'))).children;
