import { z } from 'zod';
import { commandSchemas } from '../../saga/command.ts';
import { decisionSchema } from '../../saga/decision.ts';
import { sagaErrorSchema } from '../../saga/errors.ts';
import { sagaStates } from '../../saga/state.ts';
import { utcTime } from '../../saga/text.ts';
import { eventEntrySchema, stepEntrySchema } from '../../saga/timeline.ts';

const sagaId = z.guid('must be a UUID');

const linksSchema = z.object({ self: z.string(), events: z.string(), temporal_ui: z.string().nullable() });

export const startedSchema = z
  .object({ saga_id: sagaId, type: z.string(), state: z.enum(sagaStates), links: linksSchema })
  .meta({ id: 'StartedSaga' });

const stepEntry = stepEntrySchema.meta({ id: 'StepEntry' });
const eventEntry = eventEntrySchema.meta({ id: 'EventEntry' });
const errorLine = sagaErrorSchema.meta({ id: 'SagaError' });

export const sagaSchema = z
  .object({
    saga_id: sagaId,
    type: z.string(),
    state: z.enum(sagaStates),
    step: z.string().nullable(),
    input: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()).nullable(),
    errors: z.object({ execution: z.array(errorLine), compensation: z.array(errorLine) }),
    timeline: z.array(z.union([stepEntry, eventEntry])),
    links: linksSchema,
  })
  .meta({ id: 'Saga' });

const listedSaga = z.object({
  saga_id: sagaId,
  type: z.string(),
  state: z.enum(sagaStates),
  step: z.string().nullable(),
  started_at: utcTime,
  ended_at: utcTime.nullable(),
});
export type ListedSaga = z.output<typeof listedSaga>;

export const sagaListSchema = z
  .object({ items: z.array(listedSaga), next_cursor: z.string().nullable() })
  .meta({ id: 'SagaList' });

export const decisionBody = decisionSchema
  .omit({ by: true })
  .strict()
  .meta({ id: 'Decision', example: { approved: true, reason: 'known to us' } });

export const decidedSchema = z
  .object({ saga_id: sagaId, decision: decisionSchema })
  .meta({ id: 'DecidedSaga' });

const example = { reason: 'the service is back' };

export const commandBodies = {
  retry: commandSchemas.retry.omit({ by: true }).strict().meta({ id: 'Retry', example }),
  correct: commandSchemas.correct
    .omit({ by: true })
    .strict()
    .meta({ id: 'Correct', example: { reason: 'a digit too many', input: { loan_amount: 300_000 } } }),
  resolve: commandSchemas.resolve.omit({ by: true }).strict().meta({ id: 'Resolve', example }),
  compensate: commandSchemas.compensate.omit({ by: true }).strict().meta({ id: 'Compensate', example }),
};

export const operatedSchema = z.object({ state: z.enum(sagaStates) }).meta({ id: 'Operated' });
