import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToNumber, msToTs } from '@temporalio/common/lib/time';
import { connectionTo } from '../../src/config.ts';
import { searchAttributes } from '../../src/migrate/prepare-temporal.ts';
import { until } from './processes.ts';
import type { ChildSpec } from './supervisor.ts';

type TemporalServer = {
  cli: string;
  port: number;
  /** Without it, there is no Web UI. */
  uiPort?: number;
  namespace?: string;
  /** Without it, everything is kept in memory. */
  databaseFile?: string;
  logFile: string;
};

// By default the one-shard dev server polls 20 times a second and limits reads, which adds 400 ms to a saga.
export const dynamicConfig = Object.entries({
  'history.transferProcessorMaxPollRPS': 2000,
  'history.shardIOConcurrency': 16,
  'system.forceSearchAttributesCacheRefreshOnRead': false,
  // The default since 1.29.
  'system.enableEagerWorkflowStart': true,
}).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]);

/** Makes the server's Go runtime collect garbage a quarter as often. */
export const temporalEnvironment = { GOGC: '400' };

export function temporalChild(server: TemporalServer): ChildSpec {
  const { cli, port, uiPort, namespace = 'default', databaseFile, logFile } = server;
  if (databaseFile) mkdirSync(dirname(databaseFile), { recursive: true });
  return {
    name: 'temporal',
    command: cli,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--namespace', namespace],
      ...['--log-level', 'error'],
      ...(uiPort ? ['--ui-port', `${uiPort}`] : ['--headless']),
      ...(databaseFile
        ? ['--db-filename', basename(databaseFile), '--sqlite-pragma', 'journal_mode=WAL']
        : []),
      ...dynamicConfig,
      ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    env: temporalEnvironment,
    // The server takes the file's name for a URI, in which # and % mean something.
    ...(databaseFile && { cwd: dirname(databaseFile) }),
    logFile,
  };
}

export async function temporalReady(server: TemporalServer, limitMs = 60_000): Promise<void> {
  const { port, namespace = 'default', logFile } = server;
  let reason: unknown;
  const answers = async () => {
    const connection = Connection.lazy(connectionTo(`127.0.0.1:${port}`));
    try {
      await connection.withDeadline(Date.now() + 500, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } catch (error) {
      reason = error;
      return false;
    } finally {
      await connection.close();
    }
  };
  if (await until(answers, limitMs)) return;
  throw new Error(
    `Temporal did not respond within ${limitMs / 1000} s (${reason}). Its log shows why: ${logFile}`,
  );
}

/** By default the dev server deletes closed workflows after a day. */
export async function keepClosedWorkflows(address: string, namespace: string, retention: `${number} days`) {
  const connection = await Connection.connect(connectionTo(address));
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const seconds = config?.workflowExecutionRetentionTtl?.seconds?.toNumber();
    if (seconds === msToNumber(retention) / 1_000) return;
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retention) },
    });
  } finally {
    await connection.close();
  }
}
