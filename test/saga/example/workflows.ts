import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { defineStep } from '../../../src/saga/step.ts';

const reserveSeat = defineStep({
  name: 'reserve-seat',
  service: 'flights',
  summary: 'Reserve a seat',
  input: z.object({ flight: z.string() }),
  result: z.object({ seat: z.string() }),
  compensation: 'free the seat',
});
const chargeCard = defineStep({
  name: 'charge-card',
  service: 'payments',
  summary: 'Charge the card',
  input: z.object({ seat: z.string() }),
  result: z.object({ receipt: z.string() }),
  compensation: 'refund',
});

export const booking = defineSaga({
  type: 'booking',
  input: z.object({ flight: z.string(), deadline: z.string().optional() }),
  steps: [reserveSeat, chargeCard],
  async run(saga, { flight }) {
    const { seat } = await saga.step(reserveSeat, { flight });
    return saga.step(chargeCard, { seat });
  },
});
