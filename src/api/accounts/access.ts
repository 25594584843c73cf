import type { Context } from 'hono';
import { type Role, roles } from '../../services/account/resource.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { accountOf, admin, type Caller, callerOf } from './identity.ts';

/** Kinds of access, and the roles that have them. */
const allowed = {
  /** Customers read only their own. */
  read: roles,
  'read everything': ['underwriter', 'operator', 'admin'],
  /** Customers start sagas only for themselves. */
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

/** These need an account even while AUTH is off. */
const needsAccount = (access: Access) => access === 'buy' || access === 'use an account';
/** While AUTH is off, the catalogue is open to all callers. */
const isOpen = ({ accounts }: ApiContext, access: Access) =>
  !accounts || (access === 'stock' && accounts.auth === 'off');

/** Throws the 403. */
export function authorize({ role }: Caller, access: Access): void {
  const may: readonly Role[] = allowed[access];
  if (may.includes(role)) return;
  throw new Problem(403, `this is for the role ${may.join(' or ')}, and yours is ${role}`);
}

/** Throws the 401 or the 403. */
export async function authorizedCaller(context: ApiContext, c: Context, access: Access): Promise<Caller> {
  if (isOpen(context, access)) return admin;
  const caller = await callerOf(context, c);
  if (needsAccount(access)) accountOf(caller);
  authorize(caller, access);
  return caller;
}

/** For the OpenAPI document: whether the route needs a token. */
export function securityOf(context: ApiContext, access: Access): { security?: Record<string, string[]>[] } {
  if (isOpen(context, access)) return {};
  const optional = context.accounts?.auth === 'off' && !needsAccount(access);
  return { security: [{ account: [] }, ...(optional ? [{}] : [])] };
}

/** For the OpenAPI document: the responses without access. */
export const refusalsOf = (context: ApiContext, access: Access) =>
  isOpen(context, access)
    ? {}
    : problems(401, ...(allowed[access].length < roles.length ? [403 as const] : []));
