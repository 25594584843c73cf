import { z } from 'zod';

const first = Date.parse('0001-01-01T00:00:00Z');
export const lastMoment = new Date('9999-12-31T23:59:59.999Z');

/** Codec: RFC 3339 with an offset and any number of fractional digits ⇄ Date. Encodes in UTC, to the millisecond. */
export const timestamp = z
  .codec(
    z.iso.datetime({ offset: true, error: 'must be a timestamp such as 2026-01-31T09:30:00Z' }),
    z
      .date()
      .refine((date) => date.getTime() >= first && date <= lastMoment, 'must be in the years 1 to 9999'),
    { decode: (text) => new Date(text), encode: (date) => date.toISOString() },
  )
  .meta({ type: 'string', format: 'date-time', example: '2026-01-31T09:30:00Z' });
