import { and, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { StepContract } from '../saga/step.ts';
import type { Database, Transaction } from './database.ts';
import { doStep, isRow } from './guard.ts';
import type { Stamp, Step } from './implement.ts';
import { sagaStep } from './schema.ts';

/** Runs a step that belongs to no saga but to a request, at most once for each `requestId`. Throws as `doStep`. */
export async function runRequest<I extends z.ZodType, R extends z.ZodType>(
  database: Database,
  step: Step<StepContract<I, R, null>>,
  requestId: string,
  input: z.input<I>,
): Promise<z.input<R>> {
  const { contract } = step;
  const call = { saga_id: requestId, step: contract.name, generation: 1, position: 0, input };
  return z.encode(contract.result, contract.result.parse(await doStep(database, step, call)));
}

type Writer = Pick<Stamp, 'sagaId' | 'sagaStep' | 'sagaGeneration'>;

type Row = { [Field in keyof Writer]: Writer[Field] | null };

/** The step that inserted a row; undefined where none did. */
export function writerOf({ sagaId, sagaStep, sagaGeneration }: Row): Writer | undefined {
  if (sagaId === null || sagaStep === null || sagaGeneration === null) return undefined;
  return { sagaId, sagaStep, sagaGeneration };
}

/**
 * Says of the steps that inserted these rows that their effects were removed by other means than their undo, which finds
 * nothing to do from now on.
 */
export async function markUndone(tx: Transaction, rows: readonly Row[]) {
  const writers = JSON.stringify(rows.map(writerOf).filter((writer) => writer !== undefined));
  await tx.execute(sql`
    insert into ${sagaStep} (saga_id, step, generation, position, op, written_by, result)
    select saga_id, step, generation, position, 'undo', 'undo', '"undone"'::jsonb from ${sagaStep}
    join jsonb_to_recordset(${writers}::jsonb) writer ("sagaId" uuid, "sagaStep" text, "sagaGeneration" smallint)
      on saga_id = "sagaId" and step = "sagaStep" and generation = "sagaGeneration" and op = 'do'
    on conflict do nothing`);
}

/** Whether the effect of a step was reversed. */
export async function isUndone(
  tx: Transaction,
  { sagaId, sagaStep: step, sagaGeneration }: Writer,
): Promise<boolean> {
  const row = isRow({ saga_id: sagaId, step, generation: sagaGeneration }, 'undo');
  return (await tx.$count(sagaStep, and(row, sql`${sagaStep.result} = '"undone"'::jsonb`))) > 0;
}
