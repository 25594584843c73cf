/** Rejects when `work` takes longer than `limitMs`. `work` itself goes on. */
export async function within<T>(
  limitMs: number,
  work: Promise<T>,
  error = () => new Error(`no answer within ${limitMs} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
