/** Aborts `gone` after so many milliseconds, where they are given, and when the process stops. Answers what undoes that. */
export function endWith(
  gone: AbortController,
  { stopping, afterMs }: { stopping: AbortSignal | undefined; afterMs: number | undefined },
): () => void {
  const end = () => gone.abort();
  const timer = afterMs === undefined ? undefined : setTimeout(end, afterMs);
  stopping?.addEventListener('abort', end);
  if (stopping?.aborted) end();
  return () => {
    clearTimeout(timer);
    stopping?.removeEventListener('abort', end);
  };
}
