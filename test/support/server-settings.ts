const set = (setting: string, value: string) => ['--dynamic-config-value', `${setting}=${value}`];

/** Temporal deletes a workflow within a second, not 30. */
export const deletesAtOnce = ['transfer', 'visibility'].flatMap((queue) =>
  set(`history.${queue}ProcessorUpdateAckInterval`, '"1s"'),
);

/** A long poll of a history ends after two seconds, not 20. */
export const shortLongPolls = set('history.longPollExpirationInterval', '"2s"');

/** A workflow is asked to continue as new after so many events. */
export const continuesAfter = (events: number) =>
  set('limit.historyCount.suggestContinueAsNew', String(events));
