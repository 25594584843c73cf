import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { leaveOthersServers } from '../../scripts/stack/own-environment.ts';
import { allVariableNames, loadStackConfig } from '../../src/config-stack.ts';

/** Before a test changes it. */
const { TEMPORAL_CONFIG_FILE = '', no_grpc_proxy, NODE_ENV } = process.env;
afterEach(() => vi.unstubAllEnvs());
const ownServers = { postgres: { port: 54_329 }, temporal: { port: 7233, uiPort: 8233 } };

test("a test works on servers of its own: what is set for somebody's is taken out of its environment", () => {
  vi.stubEnv('DATABASE_URL', 'postgres://127.0.0.1:1');
  vi.stubEnv('LOAN_DATABASE_URL', 'postgres://127.0.0.1:1/loan');
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  vi.stubEnv('TEMPORAL_TLS', 'true');
  expect(loadStackConfig()).toMatchObject({ postgres: undefined, temporal: undefined });

  leaveOthersServers();
  expect(loadStackConfig()).toMatchObject(ownServers);
  expect(loadStackConfig().config.databases.loan).toBe('postgres://unwind:unwind@127.0.0.1:54329/loan');
});

test('of all variables that Unwind knows, only the places of tools stay', () => {
  for (const name of allVariableNames) vi.stubEnv(name, 'theirs');
  leaveOthersServers();
  expect(allVariableNames.filter((name) => process.env[name] !== undefined).toSorted()).toEqual([
    'PATH',
    'TEMPORAL_CLI_PATH',
    'UNWIND_CACHE',
  ]);
});

test('it has been done for this process too, with the file that Temporal reads beside the environment', () => {
  expect(NODE_ENV).toBe('test');
  expect(TEMPORAL_CONFIG_FILE).toMatch(/no-temporal\.toml$/);
  expect(existsSync(TEMPORAL_CONFIG_FILE)).toBe(false);
  expect(no_grpc_proxy).toBe('127.0.0.1,localhost');
  expect(loadStackConfig()).toMatchObject(ownServers);
});
