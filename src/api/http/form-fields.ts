/** Deeper than any input of a saga. */
const maxDepth = 5;

type Branch = Map<string, Branch | string>;

/** The fields of a form: `a[b]=c` is `{a: {b: 'c'}}`, `a[0]=b` is `{a: ['b']}`. */
export function readFields(form: URLSearchParams): unknown {
  const root: Branch = new Map();
  for (const [name, value] of form) {
    const [last, ...outer] = keysOf(name).toReversed();
    let branch = root;
    for (const key of outer.toReversed()) {
      const known = branch.get(key);
      const inner: Branch = known instanceof Map ? known : new Map();
      branch.set(key, inner);
      branch = inner;
    }
    branch.set(last ?? name, value);
  }
  return plain(root);
}

/** A name in another form is one key. */
function keysOf(name: string): string[] {
  const [, first, rest = ''] = /^([^[\]]+)((?:\[[^[\]]+\])+)$/.exec(name) ?? [];
  const inner = rest.slice(1, -1).split('][');
  return first === undefined || inner.length >= maxDepth ? [name] : [first, ...inner];
}

function plain(branch: Branch): unknown {
  const entries = [...branch].map(
    ([key, value]) => [key, value instanceof Map ? plain(value) : value] as const,
  );
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

const isNumeric = (value: unknown) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);

/** Replaces the text at the path with its number, if it is one. */
export function toNumber(fields: unknown, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path;
  if (typeof fields !== 'object' || fields === null || key === undefined) return;
  const value: unknown = Reflect.get(fields, key);
  if (rest.length > 0) toNumber(value, rest);
  else if (isNumeric(value)) Reflect.set(fields, key, Number(value));
}
