import { factorsOf } from './case.ts';
import { allCases } from './cases.ts';
import { pairwise } from './pairwise.ts';
import { testCases } from './suite.ts';

const all = allCases();
testCases(pairwise(all, factorsOf), all.length);
