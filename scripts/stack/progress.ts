export type Log = (line: string) => void;

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Logs what it waits for, again every ten seconds, and how long it took. */
export async function step<T>(
  log: Log,
  name: string,
  waitingFor: string,
  work: () => Promise<T>,
): Promise<T> {
  const since = Date.now();
  log(`${name}: ${waitingFor} …`);
  const reminder = setInterval(() => log(`${name}: still ${waitingFor}, for ${seconds(since)} …`), 10_000);
  try {
    const result = await work();
    log(`${name}: ready after ${seconds(since)}`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}
