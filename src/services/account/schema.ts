import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, lowerCase, millisecondTimestamp } from '../../guard/columns.ts';
import { roles } from './resource.ts';

export const account = pgTable(
  'account',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull(),
    passwordHash: text('password_hash').notNull(),
    firstname: text('firstname').notNull(),
    lastname: text('lastname').notNull(),
    address: text('address').notNull(),
    phoneNumber: text('phone_number').notNull(),
    role: text('role', { enum: roles }).notNull().default('customer'),
    /** Of the customer service, found by e-mail address. */
    customerId: uuid('customer_id').unique('account_customer'),
    createdAt: millisecondTimestamp('created_at').notNull().defaultNow(),
    modifiedAt: millisecondTimestamp('modified_at')
      .notNull()
      .defaultNow()
      .$onUpdate(() => sql`now()`),
  },
  (table) => [
    uniqueIndex('account_email').on(lowerCase(table.email)),
    check('account_role', isOneOf(table.role, roles)),
  ],
);

/** Kept until it expires, also when used or revoked, to detect a second use. */
export const refreshToken = pgTable(
  'refresh_token',
  {
    /** SHA-256, in hex. The token itself is not stored. */
    tokenHash: text('token_hash').primaryKey(),
    /** All tokens of one log-in. */
    family: uuid('family').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => account.id, { onDelete: 'cascade' }),
    expiresAt: millisecondTimestamp('expires_at').notNull(),
    usedAt: millisecondTimestamp('used_at'),
    revokedAt: millisecondTimestamp('revoked_at'),
    createdAt: millisecondTimestamp('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('refresh_token_family').on(table.family),
    index('refresh_token_account').on(table.accountId, table.expiresAt),
    index('refresh_token_expires').on(table.expiresAt),
  ],
);

/** Wrong passwords for an e-mail address, in lower case, with or without an account. Counted until it expires. */
export const logInFailure = pgTable(
  'log_in_failure',
  {
    email: text('email').primaryKey(),
    failures: integer('failures').notNull(),
    expiresAt: millisecondTimestamp('expires_at').notNull(),
  },
  (table) => [index('log_in_failure_expires').on(table.expiresAt)],
);

/** The newest signs; all of them verify. */
export const signingKey = pgTable('signing_key', {
  kid: text('kid').primaryKey(),
  /** 256 bits, base64url. */
  secret: text('secret').notNull(),
  createdAt: millisecondTimestamp('created_at').notNull().defaultNow(),
});
