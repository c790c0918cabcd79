// Movements of the plane as 3 x 3 matrices, row by row, for points (x, y, 1).

/** A movement that shifts. */
export const shift = (x, y) => [[1, 0, x], [0, 1, y], [0, 0, 1]];

/** A movement that stretches from the corner. */
export const stretch = (x, y = x) => [[x, 0, 0], [0, y, 0], [0, 0, 1]];

/** The movement that does the last of these first. */
export const after = (...all) =>
  all.reduce((one, other) =>
    one.map((row) => [0, 1, 2].map((column) => row.reduce((sum, part, at) => sum + part * other[at][column], 0))),
  );

/** Where a movement takes a point; `depth` is not above 0 where a perspective has it behind the reader. */
export function moved(matrix, x, y) {
  const [right, down, depth] = matrix.map(([a, b, c]) => a * x + b * y + c);
  return { x: right / depth, y: down / depth, depth };
}

/** The movement back. */
export function inverse([[a, b, c], [d, e, f], [g, h, i]]) {
  const cofactors = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  const size = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0];
  return cofactors.map((row) => row.map((part) => part / size));
}

/** A movement as CSS has it: columns first, with a third dimension that stays as it is. */
export function css([[a, b, c], [d, e, f], [g, h, i]]) {
  return `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, i].join(",")})`;
}
