import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from './resources.ts';
import type { System } from './system.ts';

/** Pastes every line of a page's `sh` blocks, one after the other; answers what the nth line that begins so has printed. */
export async function paste({ app }: Pick<System, 'app'>, page: string, env: NodeJS.ProcessEnv = {}) {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8');
  const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    (block ?? '').trim().split('\n'),
  );
  const server = await listen(app);
  const script = lines
    .map((line) => line.replace('http://127.0.0.1:3000', server.url))
    .join('\necho; echo ---\n');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    env: { ...process.env, ...env },
  });
  await server.close();
  const answers = stdout.split('---\n').map((answer) => answer.trim());
  return (start: string, nth = 0): string => {
    const found = lines.flatMap((line, n) => (line.startsWith(start) ? [answers[n]] : []))[nth];
    if (found === undefined) throw new Error(`docs/${page} has no line ${nth + 1} that begins with ${start}`);
    return found;
  };
}
