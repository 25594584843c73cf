import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './engine.ts';
import { type Command, type Load, type Loaded, type Reply, replySchema } from './messages.ts';

const graceMs = 10_000;
const replyMs = 120_000;

interface Options {
  logFile: string;
  profile?: string | undefined;
  /** How much longer than its own time a load may take. */
  limitMs?: number;
}

/** A contender in its own process. `root` is the checkout whose code it runs. */
export async function startContender(
  root: string,
  settings: Settings,
  { logFile, profile, limitMs = replyMs }: Options,
) {
  const log = openSync(logFile, 'a');
  const child = fork(join(root, 'bench', 'contender.ts'), {
    cwd: root,
    execArgv: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), '--import', 'tsx'],
    stdio: ['ignore', log, log, 'ipc'],
    // Its own process group, so that Ctrl-C reaches only the benchmark.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { name } = settings;
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  /** Kills a contender that does not reply in time. */
  const request = async (command?: Command, withinMs = replyMs) => {
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, withinMs);
    try {
      return await receive(child, name, logFile, command);
    } catch (error) {
      if (!late) throw error;
      throw new Error(`${name} did not reply within ${withinMs / 1_000} s, and was killed`);
    } finally {
      clearTimeout(deadline);
    }
  };
  try {
    await request();
    await request({ command: 'open', settings });
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    async load(load: Load): Promise<Loaded> {
      const reply = await request({ command: 'load', load }, load.seconds * 1_000 + limitMs);
      if (reply.reply !== 'loaded') throw new Error(`${name} replied ${reply.reply}`);
      return reply.loaded;
    },
    async close(): Promise<void> {
      const deadline = setTimeout(kill, graceMs);
      await receive(child, name, logFile, { command: 'close' }).catch(kill);
      await ended;
      clearTimeout(deadline);
    },
    kill,
  };
}
export type ContenderProcess = Awaited<ReturnType<typeof startContender>>;

/** Waits for one reply. Throws the contender's error, or the end of its log when it has died. */
function receive(child: ChildProcess, name: string, logFile: string, command?: Command): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', take);
      child.off('close', die);
      settle();
    };
    const take = (message: unknown) =>
      finish(() => {
        const reply = replySchema.parse(message);
        if (reply.reply === 'failed') reject(new Error(`${name}: ${reply.message}`));
        else resolve(reply);
      });
    const die = () => finish(() => reject(new Error(`${name} has died. Its log ends:\n${endOf(logFile)}`)));
    child.once('message', take);
    child.once('close', die);
    if (!child.connected) die();
    // The exit handler reports a process that dies meanwhile.
    else if (command) child.send(command, () => {});
  });
}

const endOf = (logFile: string) => readFileSync(logFile, 'utf8').slice(-2_000);
