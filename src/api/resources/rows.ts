import type { Context } from 'hono';
import type { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import type { Step } from '../../guard/implement.ts';
import { runRequest } from '../../guard/request.ts';
import { requestId } from '../../guard/request-id.ts';
import type { StepContract } from '../../saga/step.ts';
import type { Caller } from '../accounts/identity.ts';
import { writeDatabase } from '../ask-database.ts';
import { notFound, outcomeUnknown, Problem } from '../http/problem.ts';
import { idempotencyKey, readJsonBody } from '../http/read-request.ts';

interface Creation<Body, Row> {
  /** Where a client finds the row without its id. */
  listed?: (body: Body) => string;
  /** Whether the row has been deleted since, and what it said with it. */
  isForgotten?: (row: Row) => boolean;
}

/** Creates a row of `location`, once for each Idempotency-Key. */
export async function createOnce<I extends z.ZodType, R extends z.ZodType<unknown, { id: string }>>(
  c: Context,
  { id: caller }: Caller,
  database: Database,
  step: Step<StepContract<I, R, null>>,
  location: string,
  { listed = () => location, isForgotten = () => false }: Creation<z.input<I>, z.input<R>> = {},
) {
  const body = await readJsonBody(c, step.contract.input);
  const key = idempotencyKey(c);
  const created = writeDatabase(() => runRequest(database, step, requestId(caller, key), body));
  const row = await created.catch((error: unknown) => {
    throw key === undefined ? outcomeUnknown(error, { what: 'it was stored', where: listed(body) }) : error;
  });
  if (isForgotten(row))
    throw new Problem(
      409,
      'what this request created was deleted: to create it again, take a new Idempotency-Key',
    );
  return c.json(row, 201, { location: `${location}/${row.id}` });
}

/** 204. Throws the 404 if `remove` found nothing. */
export async function removeOrNotFound(c: Context, what: string, id: string, remove: () => Promise<boolean>) {
  if (!(await writeDatabase(remove))) throw notFound(what, id);
  return c.body(null, 204);
}
