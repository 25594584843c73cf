import { z } from 'zod';
import { wrongField } from './problem.ts';

const asked = 'must be a whole number from 1 to 100';

export const pageQuery = z.object({
  limit: z.coerce.number<string>(asked).int(asked).min(1, asked).max(100, asked).default(20),
  cursor: z.string().optional(),
});
export type PageQuery = z.output<typeof pageQuery>;

/** A date in a cursor. */
export const moment = z.iso
  .datetime()
  .transform((text) => new Date(text))
  // Postgres has no year 0.
  .refine((date) => date.getUTCFullYear() > 0);

/** Where the next page of a list begins. Clients treat it as opaque. */
export const writeCursor = (cursor: object) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Throws the 422. */
export function readCursor<S extends z.ZodType>(
  schema: S,
  cursor: string | undefined,
): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw badCursor();
  }
}

export const badCursor = () =>
  wrongField('cursor', 'must be the next_cursor of a page with the same filters');

/** A page of `limit` rows, from one row more. `cursorOf` makes the cursor of its last row. */
export function pageOf<Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => object) {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next_cursor: last === undefined ? null : writeCursor(cursorOf(last)) };
}
