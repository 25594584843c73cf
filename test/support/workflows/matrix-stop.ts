import './matrix-steps.ts';

export * from './quick-stop.ts';
