import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A short file that takes minutes: on a fresh clone only sizes are known, and it would come last and run alone. */
const long = 'test/matrix/matrix.test.ts';

export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith(long);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
