import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';

installRuntime(createLogger('test', 'silent'), 0);

const folder = join(import.meta.dirname, 'histories');
const recordedSchema = z.object({ workflowId: z.string(), events: z.int(), history: z.base64() });

const whatToDo =
  'Sagas that run now would stop at a worker with this code. Put the change behind saga.changed(…), as ' +
  'docs/adding-a-step.md says. Only when no saga that began before it can still run: npm run record.';

export const recordedFiles = () => readdirSync(folder);

export const readRecorded = (file: string) =>
  recordedSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));

/** `replayed`, or why the bundle at `codePath` cannot go on with the history, and what to do. */
export async function replayRecorded(file: string, codePath: string): Promise<string> {
  const { workflowId, history } = readRecorded(file);
  const events = temporal.api.history.v1.History.decode(Buffer.from(history, 'base64'));
  return Worker.runReplayHistory({ workflowBundle: { codePath } }, events, workflowId).then(
    () => 'replayed',
    (error: Error) => `${error.message}\n${whatToDo}`,
  );
}
