export { loanPayment as 'loan-payment' } from './loan-payment.ts';
export { mortgageOrigination as 'mortgage-origination' } from './mortgage-origination.ts';
export { purchase } from './purchase.ts';
export { rehearsal } from './rehearsal.ts';
