import { z } from 'zod';
import { anyText, emailAddress, plainText } from '../../saga/text.ts';

export const roles = ['customer', 'underwriter', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** The subject of a token. */
export interface Bearer {
  id: string;
  role: Role;
}

/** The account of a token. */
export interface Identity extends Bearer {
  email: string;
  /** The lender's customer that the account is linked to, if any. */
  customer_id: string | null;
}

const person = { firstname: plainText(200), lastname: plainText(200), email: emailAddress };
const shipping = { address: plainText(500), phone_number: plainText(50) };
const examplePerson = { firstname: 'Ada', lastname: 'Lovelace', email: 'ada@example.com' };
const exampleAddress = { address: '12 St James Square, London', phone_number: '1234567' };

export const personBody = z.object(person).meta({ id: 'PersonBody', example: examplePerson });
export const shippingBody = z.object(shipping).meta({ id: 'ShippingBody', example: exampleAddress });

/** Those of an account that `npm run admin` has made are empty. */
const text = z.string();
export const personRow = z
  .object({ firstname: text, lastname: text, email: text })
  .meta({ id: 'Person', example: examplePerson });
export const shippingRow = z
  .object({ address: text, phone_number: text })
  .meta({ id: 'Shipping', example: exampleAddress });

const newPassword = anyText
  .min(8, 'must have at least 8 characters')
  .max(200, 'must have at most 200 characters');

export const signUpBody = z
  .object({ password: newPassword, ...person, ...shipping })
  .meta({ id: 'SignUp', example: { password: 'correct horse', ...examplePerson, ...exampleAddress } });

export const logInBody = z
  .object({ email: emailAddress, password: anyText })
  .meta({ id: 'LogIn', example: { email: examplePerson.email, password: 'correct horse' } });

export const refreshBody = z.object({ refresh_token: anyText }).meta({ id: 'Refresh' });

export const tokenPair = z
  .object({ access_token: z.string(), refresh_token: z.string() })
  .meta({ id: 'TokenPair' });
export type TokenPair = z.output<typeof tokenPair>;
