import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { formatCents, money } from '../../money/money.ts';
import { emailAddress } from '../../saga/text.ts';
import { readPerson } from '../../services/account/read-person.ts';
import { findCustomer } from '../../services/customer/find-customers.ts';
import { findLoan } from '../../services/loan/find-loans.ts';
import { findBuyer, findOrder } from '../../services/order/find-order.ts';
import type { SagaEvent } from '../../services/registry/append-event.ts';

export type LetterSources = Record<'customer' | 'loan' | 'order' | 'unwind', Database>;

/** Plain text, to one person. */
export interface Letter {
  /** An e-mail address. */
  to: string;
  subject: string;
  text: string;
}

type Write = (databases: LetterSources, event: SagaEvent) => Promise<Letter | undefined>;

const writers: Record<string, Write> = {
  'loan.granted': aboutLoan,
  'order.completed': aboutOrder('Your order is complete', 'Your order is complete and on its way:', ''),
  'order.cancelled': aboutOrder(
    'Your order is cancelled',
    'Your order could not be completed and is cancelled:',
    'You get back what was paid for it.\n\n',
  ),
};

export const letterEvents = Object.keys(writers);

/** Undefined without a recipient: a deleted row, or an order without an account. */
export async function letterAbout(databases: LetterSources, event: SagaEvent): Promise<Letter | undefined> {
  return writers[event.type]?.(databases, event);
}

async function aboutLoan({ loan, customer }: LetterSources, { payload }: SagaEvent) {
  const { loan_id } = z.object({ loan_id: z.guid() }).parse(payload);
  const granted = await findLoan(loan, loan_id);
  const borrower = granted && (await findCustomer(customer, granted.customer_id));
  if (!borrower) return undefined;
  const [amount, monthly] = [granted.loan_amount, granted.monthly_payment].map((value) =>
    formatCents(money.parse(value)),
  );
  return letter(borrower, {
    subject: 'Your loan is granted',
    text: `Your loan of ${amount} over ${granted.term_years} years is granted and paid out.
You repay ${monthly} a month.

Loan ${loan_id}`,
  });
}

function aboutOrder(subject: string, opening: string, closing: string): Write {
  return async ({ order, unwind }, { sagaId }) => {
    const accountId = await findBuyer(order, sagaId);
    const buyer = accountId && (await readPerson(unwind, accountId));
    const ordered = buyer && (await findOrder(order, sagaId, accountId));
    if (!ordered) return undefined;
    const lines = ordered.purchased_items.map((item) => `  ${item.amount} x ${oneLine(item.name)}`);
    return letter(buyer, {
      subject,
      text: `${opening}\n\n${lines.join('\n')}\n\n${closing}Order ${sagaId}`,
    });
  };
}

/** Without the recipient's name: anybody can sign up a name of their choice with another's address. */
function letter({ email }: { email: string }, { subject, text }: Pick<Letter, 'subject' | 'text'>): Letter {
  return { to: emailAddress.parse(email), subject, text: `Dear customer,\n\n${text}\n` };
}

/** A product's name takes one line. */
const oneLine = (text: string) => text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
