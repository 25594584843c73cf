import './matrix-steps.ts';

export * from '../../../src/workflows/index.ts';
