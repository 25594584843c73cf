import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { buildBundles } from './bundles.ts';
import { prepareEffects } from './effects.ts';

const [engine = 'unwind/fast', queue = 'unwind-fast', n = '600', atOnce = '50', refused = 'no'] =
  process.argv.slice(2);
const root = process.env['MB_ROOT'] ?? '/work/main';
const folder = `/tmp/mb/bundles-${queue}`;
mkdirSync(folder, { recursive: true });
const bundles = await buildBundles(root, folder);
const databaseUrl = `postgres://unwind:unwind@127.0.0.1:56001/bench_${queue.replaceAll('-', '_')}`;
await prepareEffects(databaseUrl).catch((e) => console.error(String(e)));
const { open } = await import(`./engines/${engine}.ts`);
const e = await open({
  name: queue,
  taskQueue: queue,
  engine,
  databaseUrl,
  temporal: '127.0.0.1:56002',
  bundles,
});
const run = () => e.run({ id: randomUUID(), refused: refused === 'yes' });
async function load(count: number, at: number) {
  let left = count;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const since = performance.now();
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (left-- > 0) {
        const t = performance.now();
        await run();
        times.push(performance.now() - t);
      }
    }),
  );
  const used = process.cpuUsage(cpu);
  const wall = (performance.now() - since) / 1000;
  times.sort((a, b) => a - b);
  console.log(
    `${engine} at ${at}: ${(count / wall).toFixed(1)}/s p50 ${times[times.length >> 1]?.toFixed(1)} ms, app CPU ${((used.user + used.system) / 1000 / count).toFixed(1)} ms`,
  );
}
const N = Number(n);
await load(Math.max(100, N / 3), Number(atOnce));
await load(N, Number(atOnce));
await load(N, Number(atOnce));
await load(100, 1);
await e.close();
process.exit(0);
