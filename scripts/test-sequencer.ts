import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take longest. On a fresh clone only sizes are known: a short file among them would come last and run alone. */
const long = [
  'matrix/matrix',
  'api/schemathesis',
  'chaos/purchases',
  'bench/growth',
  'saga/continue-as-new',
  'saga/properties',
];

const rank = ({ moduleId }: TestSpecification) => {
  const place = long.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));
  return place === -1 ? long.length : place;
};

export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
