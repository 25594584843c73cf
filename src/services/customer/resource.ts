import { z } from 'zod';
import { timestamp } from '../../money/timestamp.ts';
import { emailAddress, plainText } from '../../saga/text.ts';
import { customer } from './schema.ts';

const fields = { name: plainText(200), email: emailAddress };

export const customerBody = z
  .object(fields)
  .meta({ id: 'CustomerBody', example: { name: 'Grace Hopper', email: 'grace@example.com' } });

export const customerRow = z
  .object({
    id: z.guid(),
    name: z.string(),
    email: z.string(),
    created_at: timestamp,
    modified_at: timestamp,
  })
  .meta({ id: 'Customer' });

export const customerColumns = {
  id: customer.id,
  name: customer.name,
  email: customer.email,
  created_at: customer.createdAt,
  modified_at: customer.modifiedAt,
};
