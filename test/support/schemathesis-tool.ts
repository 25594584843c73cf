import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const version = '4.32.5';
const run = promisify(execFile);

/** The path of the fuzzer, installed into the cache when it is not there yet; empty where there is no Python. */
export async function findSchemathesis(cache: string, log: (line: string) => void): Promise<string> {
  const folder = join(cache, `schemathesis-${version}`);
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(join(folder, 'complete'))) return program;
  log(`schemathesis ${version}: installing it with pip, about half a minute …`);
  try {
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${version}`]);
    await run(program, ['--version']);
    await writeFile(join(folder, 'complete'), '');
    return program;
  } catch (error) {
    log(
      `schemathesis: not installed, so its test is skipped (${error instanceof Error ? error.message : error})`,
    );
    return '';
  }
}
