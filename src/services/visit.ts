import { z } from 'zod';
import { defineStep, noResult } from '../saga/step.ts';

/** A visit has no effect: it checks that a service and its database respond. */
export const defineVisit = (service: string) =>
  defineStep({
    name: `visit-${service}`,
    service,
    summary: `Visit the ${service} service`,
    input: z.object({}),
    result: noResult,
    compensation: 'nothing: a visit has no effect',
  });
