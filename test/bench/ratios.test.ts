import { expect, test } from 'vitest';
import { compare } from '../../bench/ratios.ts';
import { reportOf } from '../../bench/report/text.ts';
import { line } from './lines.ts';

/** Both ways of one contender. */
const lines = (contender: string, part: 'unwind' | 'peer' | 'floor', rate: number, p50: number) =>
  (['50 at once', 'one at a time'] as const).map((way) => line(contender, { part, way, rate, p50 }));

const all = [
  ...lines('unwind-fast', 'unwind', 50, 30),
  ...lines('unwind-fast-pg', 'unwind', 40, 45),
  ...lines('plain', 'peer', 20, 100),
  ...lines('dbos', 'peer', 125, 10),
  ...lines('restate', 'peer', 200, 15),
  ...lines('noop', 'floor', 80, 5),
  ...lines('noop-pg', 'floor', 100, 8),
  ...lines('floor', 'floor', 3_000, 1),
];

const subject = 'unwind-fast';
const peers = ['plain', 'dbos', 'restate'];

test('Unwind is compared with the best peer of each figure, and with the no-op on the same server', () => {
  expect(compare({ lines: all }, { subject, peers })).toEqual({
    subject: 'unwind-fast',
    best_peer_by_throughput: 'restate',
    best_peer_by_p50: 'dbos',
    missing_peers: [],
    throughput_vs_best_peer: 0.25,
    p50_vs_best_peer: 3,
    throughput_vs_noop: 0.625,
  });
  expect(compare({ lines: all }, { subject, peers, suffix: '-pg' })).toEqual({
    subject: 'unwind-fast-pg',
    best_peer_by_throughput: 'restate',
    best_peer_by_p50: 'dbos',
    missing_peers: [],
    throughput_vs_best_peer: 0.2,
    p50_vs_best_peer: 4.5,
    throughput_vs_noop: 0.4,
  });
});

test('other loads and other work are not compared', () => {
  const others = lines('dbos', 'peer', 1, 1).flatMap((each) => [
    { ...each, workload: 'undone' as const },
    { ...each, way: 'arrivals' as const },
  ]);
  expect(compare({ lines: [...others, ...all] }, { subject, peers })).toEqual(
    compare({ lines: all }, { subject, peers }),
  );
});

test('what was not measured has no ratio', () => {
  const none = { throughput_vs_best_peer: null, p50_vs_best_peer: null, throughput_vs_noop: null };
  const alone = compare({ lines: lines('unwind-fast', 'unwind', 50, 30) }, { subject, peers: [] });
  expect(alone).toMatchObject({ ...none, best_peer_by_throughput: null, best_peer_by_p50: null });
  expect(compare({ lines: lines('dbos', 'peer', 125, 10) }, { subject, peers: ['dbos'] })).toMatchObject(
    none,
  );
});

test('without a peer that was chosen there is no ratio to the best one, and the report says so', () => {
  const without = all.filter(({ contender }) => contender !== 'dbos' && contender !== 'restate');
  const found = compare({ lines: without }, { subject, peers });
  expect(found).toEqual({
    subject,
    best_peer_by_throughput: null,
    best_peer_by_p50: null,
    missing_peers: ['dbos', 'restate'],
    throughput_vs_best_peer: null,
    p50_vs_best_peer: null,
    throughput_vs_noop: 0.625,
  });
  const machine = { processor: '', cores: 2, gibibytes: 8, system: 'Linux', load: { before: 0, after: 0 } };
  const results = { at: '', commit: '', against: null, machine, versions: {}, phases: [] };
  const text = reportOf(results, subject, [found]);
  expect(text).toContain('No ratio to the best peer, which may be among those left out: dbos, restate');
  expect(compare({ lines: without }, { subject, peers: ['plain'] })).toMatchObject({
    best_peer_by_throughput: 'plain',
    throughput_vs_best_peer: 2.5,
  });
});
