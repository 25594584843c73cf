import { join } from 'node:path';
import { type Log, step } from '../scripts/stack/progress.ts';
import { buildBundles } from './bundles.ts';
import { checkEffects, checkOriginations, prepareEffects } from './check-effects.ts';
import { startContender } from './contender-process.ts';
import { type Contender, subject } from './contenders.ts';
import { type LeftOut, leaveOut } from './left-out.ts';
import type { Running } from './rounds.ts';
import type { Servers } from './servers/servers.ts';
import { type Place, project } from './stack.ts';

/** Opens a process for each contender whose server runs. */
export async function openArena(
  place: Place,
  contenders: Contender[],
  servers: Servers,
  { log, profile }: { log: Log; profile?: string | undefined },
) {
  const { supervisor, home, logFile, stack } = place;
  const bundlesOf = new Map<string, string>();
  for (const root of new Set(contenders.map(({ root = project }) => root))) {
    const folder = join(home.path, root === project ? 'bundles' : 'bundles-old');
    bundlesOf.set(root, await step(log, 'Workflows', 'bundling', () => buildBundles(root, folder)));
  }
  const pidsOf = (names: string[]) => names.flatMap((name) => supervisor.pidOf(name) ?? []);

  const open = async (contender: Contender): Promise<Running> => {
    const { name, taskQueue, engine, runs, root = project } = contender;
    const bundles = bundlesOf.get(root) ?? '';
    const server = contender.server && servers.found.get(contender.server);
    const own = `${servers.postgresUrl}/bench_${name.replaceAll('-', '_')}`;
    const databaseUrl = runs === 'origination' ? servers.postgresUrl : own;
    if (runs === 'four-steps') await prepareEffects(databaseUrl);
    const settings = { name, taskQueue, engine, databaseUrl, bundles, ...server?.settings };
    const process = await startContender(root, settings, { logFile: logFile(name), profile });
    const { processes: ofUnwind = [], loans = stack.config.databases.loan } = server?.unwind ?? {};
    const check: Record<Contender['runs'], Running['check']> = {
      nothing: async () => {},
      'four-steps': (ids, { refused }) =>
        checkEffects(
          databaseUrl,
          ids.map((id) => ({ id, refused })),
        ),
      origination: (ids, { since }) => checkOriginations(loans, ids.length, since),
    };
    return {
      contender,
      process,
      pids: {
        application: [process.pid, ...pidsOf(ofUnwind)],
        engine: pidsOf(server?.processes ?? []),
        postgres: pidsOf(['postgres']),
      },
      check: check[runs],
    };
  };

  const ends = await step(log, 'Contenders', 'opening a process for each', () =>
    Promise.allSettled(contenders.map(open)),
  );
  const running = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []));
  const close = async () => {
    await Promise.all(running.map(({ process }) => process.close()));
  };
  const failed: LeftOut = {};
  for (const [index, end] of ends.entries()) {
    const { name = '' } = contenders[index] ?? {};
    if (end.status === 'fulfilled') continue;
    if (name === subject) {
      await close();
      throw end.reason;
    }
    leaveOut(failed, name, end.reason, log);
  }
  return { running, close, failed };
}
