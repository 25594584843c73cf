import { implement } from '../../guard/implement.ts';
import * as steps from './steps.ts';

export const visitCustomer = implement(steps.visitCustomer, { do: async () => ({}), undo: async () => {} });
