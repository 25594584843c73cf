/** Aborts `gone` after the timeout, if any, and when the process stops. Returns a function that cancels both. */
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
