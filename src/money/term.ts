import { z } from 'zod';

export const termYears = z
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(40, 'must be at most 40');
