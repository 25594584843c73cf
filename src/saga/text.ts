import { z } from 'zod';

/** RFC 3339, UTC; as Unwind writes it. */
export const utcTime = z.string().meta({ format: 'date-time' });

const unstorable = /\0|\p{Surrogate}/u;

const isStorable = (text: string) => !unstorable.test(text);
const notStorable = 'must not contain NUL or half a surrogate pair';

/** Unchanged, but storable. */
export const anyText = z.string().refine(isStorable, notStorable).meta({ pattern: '^[^\\u0000]*$' });

/** A line of text that every database and every JSON parser can hold. */
export const plainText = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine(isStorable, notStorable)
    .meta({ pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$' });

/** RFC 5321: at most 64 characters before the @. */
const emailPattern = new RegExp(`^(?=.{1,64}@)${z.regexes.email.source.slice(1)}`);

export const emailAddress = z
  .email({ pattern: emailPattern, error: 'must be an e-mail address' })
  .max(254)
  // Without the lookahead, which RE2 lacks.
  .meta({ pattern: z.regexes.email.source });
