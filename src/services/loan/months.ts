import { lastMoment } from '../../saga/timestamp.ts';

/**
 * The same day so many months later, or the last of that month where it has no such day; in UTC. Never after the last
 * moment that a timestamp can say.
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
