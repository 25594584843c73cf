import { implement } from '../../guard/implement.ts';
import * as steps from './steps.ts';

export const visitLoan = implement(steps.visitLoan, { do: async () => ({}), undo: async () => {} });
