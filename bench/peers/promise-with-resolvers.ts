/** Restate's SDK needs it, and Node has it only since version 22. */
const make = <T>() => {
  let settle: [(value: T | PromiseLike<T>) => void, (reason?: unknown) => void] | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = [resolve, reject];
  });
  const [resolve, reject] = settle ?? [];
  return { promise, resolve, reject };
};
if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers: make });
