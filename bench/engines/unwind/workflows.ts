import { fourStepSaga } from './saga.ts';

const unwind = fourStepSaga('unwind');
const fast = fourStepSaga('unwind-fast');
const old = fourStepSaga('unwind-old');
const fastOld = fourStepSaga('unwind-fast-old');

export { fast as 'unwind-fast', fastOld as 'unwind-fast-old', old as 'unwind-old', unwind };
