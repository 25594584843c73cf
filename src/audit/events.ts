import { sql } from 'drizzle-orm';
import { sagaOutbox, sagaOutboxForgotten, sagaStep } from '../guard/schema.ts';
import type { StepContract } from '../saga/step.ts';
import { type ServiceName, serviceNames } from '../service-names.ts';
import * as customer from '../services/customer/steps.ts';
import * as delivery from '../services/delivery/steps.ts';
import * as loan from '../services/loan/steps.ts';
import * as mortgage from '../services/mortgage/steps.ts';
import * as order from '../services/order/steps.ts';
import * as payment from '../services/payment/steps.ts';
import * as product from '../services/product/steps.ts';
import type { Check } from './check.ts';

const contracts: Record<ServiceName, Record<string, StepContract>> = {
  customer,
  mortgage,
  loan,
  product,
  order,
  payment,
  delivery,
};

/** Older steps may have run before they had this event, or their events may have been deleted. */
const hasKeptEvents = (type: string) => sql`
  at > coalesce(
    greatest(
      (select until from ${sagaOutboxForgotten}),
      (select min(created_at) from ${sagaOutbox} where event_type = ${type}) - interval '1 microsecond'),
    'infinity')`;

export const eventsArePublished: Check = {
  name: 'every step with an event has published it',
  async findings(databases) {
    const found: string[] = [];
    for (const service of serviceNames)
      for (const { name, events } of Object.values(contracts[service]))
        for (const [op, type] of [
          ['do', events.done],
          ['undo', events.undone],
        ] as const) {
          if (type === undefined) continue;
          const written = op === 'do' ? sql`written_by = 'do'` : sql`result = '"undone"'::jsonb`;
          const rows = await databases[service].query.execute(sql`
            select saga_id from ${sagaStep} step
            where split_part(step, '#', 1) = ${name} and op = ${op} and ${written} and ${hasKeptEvents(type)}
              and not exists (select from ${sagaOutbox} event where event.saga_id = step.saga_id
                and event.step = step.step and event.generation = step.generation and event.op = step.op
                and event.event_type = ${type})`);
          found.push(...rows.map((row) => `${type} of ${row['saga_id']} was never published`));
        }
    return found;
  },
};
