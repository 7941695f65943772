// Scales and round ticks.

export interface Scale {
  (value: number): number;
  invert(pixel: number): number;
  ticks(count: number): number[];
}

export function linear(low: number, high: number, from: number, to: number): Scale {
  const span = high - low || 1;
  const scale = ((value: number) => from + ((value - low) / span) * (to - from)) as Scale;
  scale.invert = (pixel) => low + ((pixel - from) / (to - from || 1)) * span;
  scale.ticks = (count) => roundTicks(low, high, count);
  return scale;
}

export function logarithmic(low: number, high: number, from: number, to: number): Scale {
  const inner = linear(Math.log10(low), Math.log10(high), from, to);
  const scale = ((value: number) => inner(Math.log10(Math.max(value, low)))) as Scale;
  scale.invert = (pixel) => 10 ** inner.invert(pixel);
  scale.ticks = (count) => {
    const ticks = [];
    const [first, last] = [Math.ceil(Math.log10(low)), Math.log10(high) + 1e-9];
    const stride = Math.max(1, Math.ceil((last - first) / (count + 1)));
    for (let e = first; e <= last; e += stride) ticks.push(Number(`1e${e}`));
    return ticks;
  };
  return scale;
}

/** About `count` round numbers from `low` to `high`. */
export function roundTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0) || !Number.isFinite(raw)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++)
    ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

/** A number as short as it can be read: 12k, 0.03, 1e-5. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9) return value.toExponential(2).replace("e+", "e");
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(0).replace("e-", "e−");
  return String(Number(value.toPrecision(3)));
}
