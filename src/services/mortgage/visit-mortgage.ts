import { implement } from '../../guard/implement.ts';
import * as steps from './steps.ts';

export const visitMortgage = implement(steps.visitMortgage, { do: async () => ({}), undo: async () => {} });
