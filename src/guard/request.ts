import { and, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { StepContract, StepOp } from '../saga/step.ts';
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

/** The step that inserted a row; undefined where none did. */
export function writerOf({
  sagaId,
  sagaStep,
  sagaGeneration,
}: { [Field in keyof Writer]: Writer[Field] | null }): Writer | undefined {
  if (sagaId === null || sagaStep === null || sagaGeneration === null) return undefined;
  return { sagaId, sagaStep, sagaGeneration };
}

/** Says that the effect of a step was removed by other means than its undo, which finds nothing to do from now on. */
export async function markUndone(tx: Transaction, writer: Writer) {
  await tx.execute(sql`
    insert into ${sagaStep} (saga_id, step, generation, position, op, written_by, result)
    select saga_id, step, generation, position, 'undo', 'undo', '"undone"'::jsonb from ${sagaStep}
    where ${isRowOf(writer, 'do')}
    on conflict do nothing`);
}

/** Whether the effect of a step was reversed. */
export async function isUndone(tx: Transaction, writer: Writer): Promise<boolean> {
  const undone = and(isRowOf(writer, 'undo'), sql`${sagaStep.result} = '"undone"'::jsonb`);
  return (await tx.$count(sagaStep, undone)) > 0;
}

const isRowOf = ({ sagaId, sagaStep: step, sagaGeneration }: Writer, op: StepOp) =>
  isRow({ saga_id: sagaId, step, generation: sagaGeneration }, op);
