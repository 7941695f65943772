// Lines of equal height on a grid: each square between four grid points is crossed where a line enters
// and leaves it.

/** Segments (x0, y0, x1, y1, ...) in grid units, for heights in rows of `columns` values. */
export function contour(heights: Float32Array, columns: number, level: number): number[] {
  const rows = Math.floor(heights.length / columns);
  const segments: number[] = [];
  for (let row = 0; row + 1 < rows; row++)
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const corners = [heights[at], heights[at + 1], heights[at + columns + 1], heights[at + columns]] as number[];
      const points = crossings(corners, level);
      for (let i = 0; i + 3 < points.length; i += 4)
        segments.push(
          column + (points[i] ?? 0),
          row + (points[i + 1] ?? 0),
          column + (points[i + 2] ?? 0),
          row + (points[i + 3] ?? 0),
        );
    }
  return segments;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

/** Where a level crosses the sides of a unit square; four crossings are a saddle, joined pairwise. */
function crossings(heights: number[], level: number): number[] {
  const points: number[] = [];
  for (let side = 0; side < 4; side++) {
    const next = (side + 1) % 4;
    const a = heights[side] ?? 0;
    const b = heights[next] ?? 0;
    if (a < level === b < level) continue;
    const share = (level - a) / (b - a);
    const from = CORNERS[side] ?? CORNERS[0];
    const to = CORNERS[next] ?? CORNERS[0];
    points.push(from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]));
  }
  if (points.length < 8) return points;
  const middle = heights.reduce((sum, height) => sum + height, 0) / 4;
  const apart = (heights[0] ?? 0) < level === middle < level;
  return apart ? points : [...points.slice(2), ...points.slice(0, 2)];
}
