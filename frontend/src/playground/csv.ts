// Points out of a table: two columns of numbers, and a third of classes or targets.

export interface Table {
  /** x1, x2, class or target. */
  points: [number, number, number][];
  targets: "classes" | "values";
  /** Names of the classes, in the order of their numbers. */
  names: string[];
  /** Lines that hold no point, apart from a heading. */
  skipped: number;
}

const MOST_CLASSES = 6;
const INSIDE = 5; // points are scaled to lie within this distance of the center

/** Reads comma-, semicolon-, tab- or space-separated lines; a table without points gives none. */
export function readTable(text: string, most = 4000): Table {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const rows = lines.map((line) => line.trim().split(/[,;\t]\s*|\s+/).map((cell) => cell.replace(/^"|"$/g, "")));
  const good = rows.filter(([a, b, c]) => isNumber(a) && isNumber(b) && c !== undefined && c !== "").slice(0, most);
  const labels = good.map((row) => row[2] as string);
  const distinct = [...new Set(labels)];
  const areValues = labels.every(isNumber) && (distinct.length > MOST_CLASSES || !distinct.every((l) => /^-?\d+$/.test(l)));
  const heading = rows[0] && !isNumber(rows[0][0]) ? 1 : 0;
  if (!areValues && distinct.length > MOST_CLASSES) return { points: [], targets: "classes", names: distinct, skipped: lines.length };
  const names = areValues ? [] : distinct.sort((a, b) => (isNumber(a) && isNumber(b) ? Number(a) - Number(b) : a < b ? -1 : 1));
  const [x1, x2] = [0, 1].map((k) => scaled(good.map((row) => Number(row[k]))));
  const largest = Math.max(1e-12, ...(areValues ? labels.map((l) => Math.abs(Number(l))) : [1]));
  return {
    points: good.map((_, i) => {
      const label = labels[i] as string;
      return [x1?.[i] ?? 0, x2?.[i] ?? 0, areValues ? Number(label) / largest : names.indexOf(label)];
    }),
    targets: areValues ? "values" : "classes",
    names,
    skipped: rows.length - heading - good.length,
  };
}

/** Values as they are where the plane holds them, otherwise moved and stretched to its middle. */
function scaled(values: number[]): number[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low >= -6 && high <= 6 && high - low > 1) return values;
  const half = (high - low) / 2 || 1;
  return values.map((value) => Number((((value - low) / half - 1) * INSIDE).toPrecision(6)));
}

const isNumber = (text: string | undefined): boolean => !!text?.trim() && Number.isFinite(Number(text));
