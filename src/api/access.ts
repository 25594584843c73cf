import type { Context, MiddlewareHandler } from 'hono';
import { type Role, roles } from '../services/account/resource.ts';
import type { ApiContext } from './context.ts';
import { accountOf, admin, type Caller, callerOf } from './identity.ts';
import { Problem } from './problem.ts';
import { problems } from './router.ts';

/** What one can want here, and the roles that may. */
const allowed = {
  /** Customers read what is their own. */
  read: roles,
  'read of everybody': ['underwriter', 'operator', 'admin'],
  /** Customers start sagas for themselves. */
  start: ['customer', 'operator', 'admin'],
  rehearse: ['operator', 'admin'],
  decide: ['underwriter', 'admin'],
  operate: ['operator', 'admin'],
  write: ['operator', 'admin'],
  stock: ['operator', 'admin'],
  buy: ['customer', 'operator', 'admin'],
  'use an account': roles,
} satisfies Record<string, readonly Role[]>;
export type Access = keyof typeof allowed;

/** What belongs to an account asks for one also while AUTH is off. */
const asksForAccount = (access: Access) => access === 'buy' || access === 'use an account';
/** The catalogue may be filled by anybody while AUTH is off. */
const isOpen = ({ accounts }: ApiContext, access: Access) =>
  !accounts || (access === 'stock' && accounts.auth === 'off');

/** Throws the 403. */
export function authorize({ role }: Caller, access: Access): void {
  const may: readonly Role[] = allowed[access];
  if (may.includes(role)) return;
  throw new Problem(403, `this is for the role ${may.join(' or ')}, and yours is ${role}`);
}

/** Who is calling, if they may. Throws the 401 or the 403. */
export async function authorizedCaller(context: ApiContext, c: Context, access: Access): Promise<Caller> {
  if (isOpen(context, access)) return admin;
  const caller = await callerOf(context, c);
  if (asksForAccount(access)) accountOf(caller);
  authorize(caller, access);
  return caller;
}

/** The same for a route whose handler finds the caller in `c.var`. */
export const requireAccess =
  (context: ApiContext, access: Access): MiddlewareHandler<{ Variables: { caller: Caller } }> =>
  async (c, next) => {
    c.set('caller', await authorizedCaller(context, c, access));
    await next();
  };

/** What the document says of a route that asks: whether the token may be left out. */
export function securityOf(context: ApiContext, access: Access): { security?: Record<string, string[]>[] } {
  if (isOpen(context, access)) return {};
  const optional = context.accounts?.auth === 'off' && !asksForAccount(access);
  return { security: [{ account: [] }, ...(optional ? [{}] : [])] };
}

/** And the answers to those who may not. */
export const refusalsOf = (context: ApiContext, access: Access) =>
  isOpen(context, access)
    ? {}
    : problems(401, ...(allowed[access].length < roles.length ? [403 as const] : []));
