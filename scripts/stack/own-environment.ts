import { join } from 'node:path';
import { allVariableNames } from '../../src/config-stack.ts';

const kept = ['PATH', 'UNWIND_CACHE', 'TEMPORAL_CLI_PATH'];
const isForeign = (name: string) =>
  (name.startsWith('TEMPORAL_') || allVariableNames.includes(name)) && !kept.includes(name);

/**
 * Takes what somebody has set for Unwind out of this process's environment, which children get: tests and benchmark
 * bring their own servers, and never touch others.
 */
export function leaveOthersServers(): void {
  for (const name of Object.keys(process.env)) if (isForeign(name)) delete process.env[name];
  // One that is not there: Temporal's default one may name a server, and an empty one is an error to its SDK.
  process.env['TEMPORAL_CONFIG_FILE'] = join(import.meta.dirname, 'no-temporal.toml');
  process.env['no_grpc_proxy'] = '127.0.0.1,localhost';
}
