import { svg } from './dom.js';

const WIDTH = 460;
const HEIGHT = 190;
const EDGE = { left: 38, right: 8, top: 10, bottom: 24 };

/**
 * Draws losses over steps: the training loss as a line, validation losses as points.
 *
 * @param line points {x, y} in order
 * @param dots points {x, y}
 * @param xMax where the x axis ends
 */
export function lossChart(line, dots, xMax) {
  const ys = [...line, ...dots].map((point) => point.y);
  const low = Math.min(...ys);
  const high = Math.max(...ys);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  const x = scale(0, Math.max(1, xMax), EDGE.left, WIDTH - EDGE.right);
  const y = scale(low - room, high + room, HEIGHT - EDGE.bottom, EDGE.top);
  const last = line.at(-1);
  return svg('svg', {
    class: 'chart',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': `Loss over steps: ${label(line[0]?.y)} at first, ${label(last?.y)} at step ${last?.x ?? 0}`,
  },
  ...[low, (low + high) / 2, high].flatMap((value) => [
    svg('line', { class: 'axis', x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) }),
    svg('text', { x: EDGE.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, label(value)),
  ]),
  svg('text', { x: EDGE.left, y: HEIGHT - 6 }, 'step 0'),
  svg('text', { x: WIDTH - EDGE.right, y: HEIGHT - 6, 'text-anchor': 'end' }, String(xMax)),
  svg('polyline', { class: 'loss', points: line.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ') }),
  ...dots.map((point) => svg('circle', { class: 'validation', cx: x(point.x), cy: y(point.y), r: 3.5 })));
}

function scale(fromLow, fromHigh, toLow, toHigh) {
  return (value) => toLow + ((value - fromLow) / (fromHigh - fromLow)) * (toHigh - toLow);
}

function label(value) {
  return value == null ? 'nothing' : value.toFixed(value < 10 ? 2 : 1);
}
