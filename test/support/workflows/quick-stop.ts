import './quick-steps.ts';
import * as sagas from '../../../src/workflows/sagas.ts';

/** The other policy: a parked compensation holds up the rest of the stack. */
for (const { definition } of Object.values(sagas)) Object.assign(definition, { onUndoFailure: 'stop' });

export * from '../../../src/workflows/index.ts';
