import './quick-steps.ts';

export * from '../../../src/workflows/index.ts';
