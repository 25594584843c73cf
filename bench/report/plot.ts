import type { Line } from '../results.ts';
import type { Spread } from '../statistics.ts';
import { figure } from './figure.ts';

const [width, left, barHeight, rowHeight, gap] = [760, 190, 14, 22, 34];
const right = 90;

interface Panel {
  title: string;
  way: Line['way'];
  shows(line: Line): Spread;
}

const panels: Panel[] = [
  {
    title: 'Sagas a second, 50 at once (more is better)',
    way: '50 at once',
    shows: (line) => line.sagas_per_second,
  },
  {
    title: 'Milliseconds a saga, one at a time, p50 (less is better)',
    way: 'one at a time',
    shows: (line) => line.p50_ms,
  },
];

/** Bars of the granted four-step saga, with whiskers from the lowest round to the highest. Readable on light and dark. */
export function plotOf(lines: Line[], note: string): string {
  const granted = lines.filter(({ workload }) => workload === 'granted');
  let top = 8;
  const drawn = panels.map((panel) => {
    const own = granted.filter(({ way }) => way === panel.way);
    const bars = own.filter(({ contender }) => contender !== 'floor');
    const floor = own.find(({ contender }) => contender === 'floor');
    const text = panelOf(panel, { bars, floor, top });
    top += gap + bars.length * rowHeight + (floor ? rowHeight : 0);
    return text;
  });
  const height = top + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>Sagas a second and p50 of each contender</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 } .figure, .note { fill: #57606a }
  .unwind { fill: #0969da } .peer { fill: #8c959f } .floor { fill: #d0d7de }
  .whisker { stroke: #24292f; stroke-width: 1.5; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .figure, .note { fill: #8b949e }
    .unwind { fill: #58a6ff } .peer { fill: #6e7681 } .floor { fill: #424a53 }
    .whisker { stroke: #e6edf3 }
  }
</style>
${drawn.join('\n')}
<text class="note" x="8" y="${height - 10}">${escaped(note)}</text>
</svg>
`;
}

interface Drawing {
  bars: Line[];
  /** Far off the scale of the others, so shown as text. */
  floor: Line | undefined;
  top: number;
}

function panelOf({ title, shows }: Panel, { bars, floor, top }: Drawing): string {
  const longest = Math.max(...bars.map((line) => shows(line).max));
  const x = (value: number) => Number((left + (value / longest) * (width - left - right)).toFixed(1));
  const each = bars.map((line, index) => {
    const { median, min, max } = shows(line);
    const y = top + gap + index * rowHeight - 8;
    const middle = y + barHeight / 2;
    return [
      `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escaped(line.title)}</text>`,
      `<rect class="${line.part}" x="${left}" y="${y}" width="${x(median) - left}" height="${barHeight}" rx="2"/>`,
      `<path class="whisker" d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${middle - 4}v8M${x(max)} ${middle - 4}v8"/>`,
      `<text class="figure" x="${x(max) + 8}" y="${middle + 4}">${figure(median)}</text>`,
    ].join('\n');
  });
  const below = top + gap + bars.length * rowHeight + 3;
  const note = floor
    ? `<text class="note" x="${left}" y="${below}">${escaped(floor.title)}: ${figure(shows(floor).median)}</text>`
    : '';
  return [`<text class="title" x="8" y="${top + 12}">${escaped(title)}</text>`, ...each, note].join('\n');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
