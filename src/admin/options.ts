import { parseArgs } from 'node:util';
import { z } from 'zod';
import { emailAddress } from '../saga/text.ts';
import { roles } from '../services/account/resource.ts';

export const usage = `Usage: npm run admin -- --email ada@example.com [--role admin]

  --email  whose account it is; where there is none, it is made, and its password printed
  --role   ${roles.join(', ')}`;

/** Throws an error that names the option. */
export function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      email: { type: 'string' },
      role: { type: 'string', default: 'admin' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.email === undefined) throw new Error(`--email is missing\n\n${usage}`);
  return {
    email: checked('--email', emailAddress, values.email, 'must be an e-mail address'),
    role: checked('--role', z.enum(roles), values.role, `must be one of ${roles.join(', ')}`),
  };
}

function checked<T extends z.ZodType>(name: string, schema: T, text: string, what: string): z.output<T> {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(`${name} ${what}, and is ${JSON.stringify(text)}`);
}
