export { mortgageOrigination as 'mortgage-origination' } from './mortgage-origination.ts';
export { rehearsal } from './rehearsal.ts';
