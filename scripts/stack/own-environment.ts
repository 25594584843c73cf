import { join } from 'node:path';
import { allVariableNames, toolVariableNames } from '../../src/config-stack.ts';

const isForeign = (name: string) =>
  (name.startsWith('TEMPORAL_') || allVariableNames.includes(name)) && !toolVariableNames.includes(name);

/** Removes all settings of Unwind from the environment: tests and benchmark run their own servers and touch no others. */
export function leaveOthersServers(): void {
  for (const name of Object.keys(process.env)) if (isForeign(name)) delete process.env[name];
  // A missing file: the default one may name a server, and the SDK rejects an empty one.
  process.env['TEMPORAL_CONFIG_FILE'] = join(import.meta.dirname, 'no-temporal.toml');
  process.env['no_grpc_proxy'] = '127.0.0.1,localhost';
}
