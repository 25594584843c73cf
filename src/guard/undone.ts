import { and, sql } from 'drizzle-orm';
import type { Transaction } from './database.ts';
import { isRow } from './guard.ts';
import type { Stamp } from './implement.ts';
import { sagaStep } from './schema.ts';

type Writer = Pick<Stamp, 'sagaId' | 'sagaStep' | 'sagaGeneration'>;

type Row = { [Field in keyof Writer]: Writer[Field] | null };

/** The step that inserted the row; undefined if no step did. */
export function writerOf({ sagaId, sagaStep, sagaGeneration }: Row): Writer | undefined {
  if (sagaId === null || sagaStep === null || sagaGeneration === null) return undefined;
  return { sagaId, sagaStep, sagaGeneration };
}

/** Marks the steps that inserted these rows as undone, so that their later undo does nothing. */
export async function markUndone(tx: Transaction, rows: readonly Row[]) {
  const writers = JSON.stringify(rows.map(writerOf).filter((writer) => writer !== undefined));
  await tx.execute(sql`
    insert into ${sagaStep} (saga_id, step, generation, position, op, written_by, result)
    select saga_id, step, generation, position, 'undo', 'undo', '"undone"'::jsonb from ${sagaStep}
    join jsonb_to_recordset(${writers}::jsonb) writer ("sagaId" uuid, "sagaStep" text, "sagaGeneration" smallint)
      on saga_id = "sagaId" and step = "sagaStep" and generation = "sagaGeneration" and op = 'do'
    on conflict do nothing`);
}

export async function isUndone(
  tx: Transaction,
  { sagaId, sagaStep: step, sagaGeneration }: Writer,
): Promise<boolean> {
  const row = isRow({ saga_id: sagaId, step, generation: sagaGeneration }, 'undo');
  return (await tx.$count(sagaStep, and(row, sql`${sagaStep.result} = '"undone"'::jsonb`))) > 0;
}
