/** The value of the only sample with this name and at least these labels, if there is one. */
export function sample(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = text.split('\n').filter((line) => {
    const [, named, inBraces = ''] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    return named === name && wanted.every((label) => inBraces.split(',').includes(label));
  });
  if (found.length > 1) throw new Error(`several samples:\n${found.join('\n')}`);
  return found[0] === undefined ? undefined : Number(found[0].split(' ').at(-1));
}

/** `# TYPE name type`, by name. */
export const typesOf = (text: string) =>
  new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));

export const anId = /[\da-f]{8}-[\da-f]{4}-/;
