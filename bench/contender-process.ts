import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './engine.ts';
import { type Answer, answerSchema, type Load, type Loaded, type Order } from './messages.ts';

const graceMs = 10_000;

/** A contender in a process of its own. `root`: the checkout whose code it runs. */
export async function startContender(
  root: string,
  settings: Settings,
  { logFile, profile }: { logFile: string; profile?: string | undefined },
) {
  const log = openSync(logFile, 'a');
  const child = fork(join(root, 'bench', 'contender.ts'), {
    cwd: root,
    execArgv: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), '--import', 'tsx'],
    stdio: ['ignore', log, log, 'ipc'],
    // A group of its own: Ctrl-C reaches the benchmark alone.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const tell = (order: Order) => ask(child, settings.name, logFile, order);
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  try {
    await ask(child, settings.name, logFile);
    await tell({ order: 'open', settings });
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    async load(load: Load): Promise<Loaded> {
      const said = await tell({ order: 'load', load });
      if (said.answer !== 'loaded') throw new Error(`${settings.name} answered ${said.answer}`);
      return said.loaded;
    },
    async close(): Promise<void> {
      const impatience = setTimeout(kill, graceMs);
      await tell({ order: 'close' }).catch(kill);
      await ended;
      clearTimeout(impatience);
    },
    kill,
  };
}
export type ContenderProcess = Awaited<ReturnType<typeof startContender>>;

/** Waits for one answer. Throws what the contender says went wrong, or the end of its log when it has died. */
function ask(child: ChildProcess, name: string, logFile: string, order?: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', hear);
      child.off('close', die);
      settle();
    };
    const hear = (message: unknown) =>
      finish(() => {
        const said = answerSchema.parse(message);
        if (said.answer === 'failed') reject(new Error(`${name}: ${said.message}`));
        else resolve(said);
      });
    const die = () => finish(() => reject(new Error(`${name} has died. Its log ends:\n${endOf(logFile)}`)));
    child.once('message', hear);
    child.once('close', die);
    if (order) child.send(order);
  });
}

const endOf = (logFile: string) => readFileSync(logFile, 'utf8').slice(-2_000);
