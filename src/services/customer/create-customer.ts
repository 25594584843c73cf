import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { defineStep } from '../../saga/step.ts';
import { customerBody, customerColumns, customerRow } from './resource.ts';
import { customer } from './schema.ts';

export const emailTaken = (email: string): never =>
  refuse(`there is a customer with the e-mail address ${email}`, {
    errors: [{ pointer: '/email', detail: 'is the e-mail address of another customer' }],
  });

const contract = defineStep({
  name: 'create-customer',
  service: 'customer',
  summary: 'Create a customer',
  input: customerBody,
  result: customerRow,
  compensation: null,
});

export const createCustomer = implement(contract, {
  async do(tx, { name, email }, stamp) {
    const [created] = await tx
      .insert(customer)
      .values({ id: uuidv7(), name, email, ...stamp })
      .onConflictDoNothing()
      .returning(customerColumns);
    return created ?? emailTaken(email);
  },
  undo: null,
});
