import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { defineStep } from '../../saga/step.ts';
import { applicationBody, applicationColumns, applicationRow, valuesOf } from './resource.ts';
import { application } from './schema.ts';

const contract = defineStep({
  name: 'create-application',
  service: 'mortgage',
  summary: 'Create an application',
  input: applicationBody,
  result: applicationRow,
  compensation: null,
});

export const createApplication = implement(contract, {
  async do(tx, body, stamp) {
    const [created] = await tx
      .insert(application)
      .values({ id: uuidv7(), ...valuesOf(body), ...stamp })
      .returning(applicationColumns);
    if (!created) throw new Error('the insert returned no row');
    return created;
  },
  undo: null,
});
