import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Program {
  pid: number;
  /** All that it has printed so far. */
  printed(): string;
  running(): boolean;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const started = new Set<Program>();

export function start(command: string[], cwd: string, env: NodeJS.ProcessEnv): Program {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      printed += bytes;
    });
  const program: Program = {
    // Without one it has ended already.
    pid: child.pid ?? 0,
    printed: () => printed,
    running: () => child.exitCode === null && child.signalCode === null,
    ended: endOf(child),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return program.ended;
    },
  };
  started.add(program);
  return program;
}

/** Runs to its end; throws what it printed when that is not 0. */
export async function run(command: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const program = start(command, cwd, env);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${program.printed()}`);
  return program.printed();
}

/** The last started first. */
export async function stopAll(): Promise<void> {
  for (const program of [...started].reverse()) if (program.running()) await program.stop('SIGKILL');
  started.clear();
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}
