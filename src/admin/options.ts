import { parseArgs } from 'node:util';
import { z } from 'zod';
import { orUsage } from '../cli/or-usage.ts';
import { emailAddress } from '../saga/text.ts';
import { roles } from '../services/account/resource.ts';

export const usage = `Usage: npm run admin -- --email ada@example.com [--role admin] [--existing]
       npm run admin -- --email ada@example.com --new-password

  --email         the account's address; without an account, one is made and its password printed
  --role          ${roles.join(', ')}
  --existing      give an existing account more rights
  --new-password  give an existing account a new password, which is printed, and end its log-ins`;

/** Throws an error that names the option. */
export function readOptions(args: string[]) {
  const { values } = orUsage(usage, () =>
    parseArgs({
      args,
      options: {
        email: { type: 'string' },
        role: { type: 'string' },
        existing: { type: 'boolean', default: false },
        'new-password': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
  if (values.help) return undefined;
  if (values.email === undefined) throw new Error(`--email is missing\n\n${usage}`);
  const { role = 'admin', existing, 'new-password': newPassword } = values;
  if (newPassword && (values.role !== undefined || existing))
    throw new Error('--new-password changes no rights: leave out --role and --existing');
  return {
    email: checked('--email', emailAddress, values.email, 'must be an e-mail address'),
    role: checked('--role', z.enum(roles), role, `must be one of ${roles.join(', ')}`),
    existing,
    newPassword,
  };
}

function checked<T extends z.ZodType>(name: string, schema: T, text: string, what: string): z.output<T> {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(`${name} ${what}, and is ${JSON.stringify(text)}`);
}
