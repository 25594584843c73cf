import { expect, vi } from 'vitest';
import type { Role } from '../../src/services/account/resource.ts';
import { bearer, signedUp, type somebody } from '../accounts/support.ts';
import { application, referred } from '../support/originations.ts';
import { created, type Send, sender } from '../support/resources.ts';
import { type SagaView, startSystem } from '../support/system.ts';

export type Access = Awaited<ReturnType<typeof startAccess>>;
export type Person = Awaited<ReturnType<Access['as']>>;

/** A system in which whoever calls must log in, unless `AUTH` says otherwise. */
export async function startAccess(AUTH: 'on' | 'off' = 'on') {
  const system = await startSystem({ env: { AUTH } });
  const send = sender((path, init) => system.app.request(path, init));

  /** Somebody with an account of this role, and how they call. */
  async function as(role: Role, more: Partial<ReturnType<typeof somebody>> = {}) {
    const { id, email, password, access_token } = await signedUp(send, more);
    await system.sql.unwind`update account set role = ${role} where id = ${id}`;
    const call: Send = (method, path, body, headers = {}) =>
      send(method, path, body, { ...(body !== undefined && json), ...bearer(access_token), ...headers });
    return { id, email, password, access_token, call };
  }

  return { system, send, as };
}

const json = { 'content-type': 'application/json' };

/** The saga, as soon as it is in one of these states. */
export async function untilState({ call }: Person, id: string, ...states: string[]): Promise<SagaView> {
  const state = async () => (await call('GET', `/sagas/${id}`)).body.state;
  await vi.waitFor(async () => expect(await state()).toBeOneOf(states), { interval: 50, timeout: 30_000 });
  return (await call('GET', `/sagas/${id}`)).body;
}

/** Starts a saga, and answers its id. */
export async function started({ call }: Person, type: string, input: unknown, headers = {}): Promise<string> {
  const { status, body } = await call('POST', `/sagas/${type}`, input, headers);
  expect(status, JSON.stringify(body)).toBe(202);
  return body.saga_id;
}

/** Granted at once. */
export const mortgageFor = (email: string) => ({ ...application(), customer: { name: 'Ada', email } });

/** Referred, so that it waits. */
export const referredFor = (email: string) => ({ ...referred(), customer: { name: 'Ada', email } });

/** A customer of the lender with a granted loan and a payment on it, by the saga's own result. */
export async function granted(operator: Person, email: string) {
  const saga = await started(operator, 'mortgage-origination', mortgageFor(email));
  const { result } = await untilState(operator, saga, 'completed');
  const { customer_id, application_id, loan_id } = result as Record<string, string>;
  const paid = await created(operator.call, '/payments', { loan_id, payment_amount: 2_176 });
  return { saga, customer: customer_id, application: application_id, loan: loan_id, payment: paid.id };
}
