import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';
import { firstValue } from '../../src/saga/lenient-payloads.ts';
import { parseActivityId } from '../../src/saga/step.ts';

installRuntime(createLogger('test', 'silent'), 0);

const folder = join(import.meta.dirname, 'histories');
const recordedSchema = z.object({ workflowId: z.string(), events: z.int(), history: z.base64() });

const whatToDo =
  'Sagas that run now would stop at a worker with this code. Put the change behind saga.changed(…), as ' +
  'docs/adding-a-step.md says. Only when no saga that began before it can still run: npm run record.';

/** Each way that a saga can go has a history. */
export const wayNames = [
  'alert',
  'cancelled',
  'compensated',
  'continued',
  'continued-while-unwinding',
  'corrected',
  'decision-timed-out',
  'declined',
  'existing-customer',
  'given-up-at-the-deadline',
  'granted',
  'parked-past-the-pivot',
  'payment',
  'payment-of-the-rest',
  'payment-refused',
  'pivot-refused',
  'placed-granted',
  'placed-referred',
  'placed-refused',
  'placed-tried-again',
  'purchase',
  'purchase-refused',
  'referred',
  'rehearsal',
  'sweep',
  'sweep-locks',
  'undo-parked-and-resolved',
  'unwinder',
  'unwinder-resolved',
] as const;

export const recordedFiles = () => readdirSync(folder);

export const readRecorded = (file: string) =>
  recordedSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));

const decoded = (history: string) => temporal.api.history.v1.History.decode(Buffer.from(history, 'base64'));

const callSchema = z.object({ input: z.unknown() });

/** The steps that the history has as ordinary activities, with their inputs. */
export const recordedInputs = (file: string) =>
  decoded(readRecorded(file).history).events.flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => {
      const key = parseActivityId(scheduled?.activityId ?? '');
      return key?.op === 'do' ? [{ step: key.step, ...callSchema.parse(firstValue(scheduled?.input)) }] : [];
    },
  );

/** `replayed`, or why the bundle at `codePath` cannot go on with the history, and what to do. */
export async function replayRecorded(file: string, codePath: string): Promise<string> {
  const { workflowId, history } = readRecorded(file);
  return Worker.runReplayHistory({ workflowBundle: { codePath } }, decoded(history), workflowId).then(
    () => 'replayed',
    (error: Error) => `${error.message}\n${whatToDo}`,
  );
}
