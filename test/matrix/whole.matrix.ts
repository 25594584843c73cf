import { allCases } from './cases.ts';
import { testCases } from './suite.ts';

const all = allCases();
testCases(all, all.length);
