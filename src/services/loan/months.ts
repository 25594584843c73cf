import { lastMoment } from '../../money/timestamp.ts';

/**
 * In UTC. The same day of a later month, or that month's last day; at most the last moment that a timestamp can
 * represent.
 */
export function addMonths(date: Date, months: number): Date {
  const later = new Date(date);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + months);
  const end = new Date(later);
  end.setUTCMonth(end.getUTCMonth() + 1, 0);
  later.setUTCDate(Math.min(date.getUTCDate(), end.getUTCDate()));
  return later > lastMoment ? lastMoment : later;
}
