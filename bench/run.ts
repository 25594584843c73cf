import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Log } from '../scripts/stack/progress.ts';
import { openFloor } from './floor.ts';
import { measure } from './measure.ts';
import { openOriginations } from './originations.ts';
import { describeSetUp, table } from './report.ts';
import { startStack } from './stack.ts';

const { values } = parseArgs({
  options: {
    sagas: { type: 'string', default: '100' },
    'warm-up': { type: 'string', default: '20' },
  },
});
const count = z.coerce.number().int().min(1);
const sagas = count.parse(values.sagas);
const warmUp = count.parse(values['warm-up']);

const log: Log = (line) => console.log(line);
const load = () => loadavg()[0] ?? 0;
const before = load();

log('Benchmark: one auto-approved mortgage origination at a time; in about a minute it prints the figures.');
const stack = await startStack(log).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
try {
  const originations = openOriginations(stack);
  const floor = openFloor(stack.config);
  const ways = {
    'POST to completed, seen by a long poll of Temporal': originations.seenByTemporal,
    'POST with Prefer: wait to its answer': originations.answeredToPost,
    'floor: the same SQL without an engine': floor.originate,
  };
  const measured = await measure(ways, { warmUp, rounds: sagas, log });
  const after = load();
  log(`\n${await describeSetUp(stack, { before, after })}\n\n${table(measured)}`);
  // The benchmark itself keeps a core or two busy.
  if (before > cpus().length / 2 || after > cpus().length + 2)
    log('\nOther programs kept the machine busy: do not quote these figures.');
  await originations.close();
  await floor.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stack.stop();
}
