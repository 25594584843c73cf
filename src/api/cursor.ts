import { z } from 'zod';
import { Problem } from './problem.ts';

/** In a cursor, which holds it as JSON does. */
export const moment = z.iso
  .datetime()
  .transform((text) => new Date(text))
  // A year that Postgres has not.
  .refine((date) => date.getUTCFullYear() > 0);

/** Where the next page of a list begins, in a form that clients only pass on. */
export const writeCursor = (cursor: object) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Throws the 422. */
export function readCursor<S extends z.ZodType>(schema: S, cursor: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw badCursor();
  }
}

/** The 422. */
export function badCursor(): Problem {
  const detail = 'must be the next_cursor of a page with the same filters';
  return new Problem(422, `cursor ${detail}`, { errors: [{ pointer: '/cursor', detail }] });
}
