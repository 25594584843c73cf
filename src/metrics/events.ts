import { Runtime } from '@temporalio/worker';

/** Measures the delay of delivery to all subscribers. No label is an id. */
export function reportEvents(): (service: string, event: string, seconds: number) => void {
  const delay = Runtime.instance().metricMeter.createHistogram(
    'unwind_event_delay',
    'float',
    'seconds',
    'From the event to its delivery to all subscribers',
  );
  return (service, event, seconds) => delay.record(seconds, { service, event });
}
