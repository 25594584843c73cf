import './matrix-steps.ts';
import * as sagas from '../../../src/workflows/sagas.ts';

/** Also for a saga that has chosen the other policy. */
for (const { definition } of Object.values(sagas)) Object.assign(definition, { onUndoFailure: 'continue' });

export * from '../../../src/workflows/index.ts';
