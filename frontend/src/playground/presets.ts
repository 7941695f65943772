// Experiments worth seeing, each with a sentence why. Settings that a preset leaves out are the defaults.
import type { Values } from "../model";
import type { WORDS } from "./words";

const layer = (units: number, activation = "tanh", dropout = 0): Values => ({ units, activation, dropout });

export const PRESETS: readonly { name: keyof typeof WORDS; why: keyof typeof WORDS; settings: Values }[] = [
  { name: "preset-spiral", why: "why-spiral", settings: {} },
  {
    name: "preset-line", why: "why-line",
    settings: { data: "xor", layers: [], optimizer: "sgd", lr: 0.1 },
  },
  {
    name: "preset-features", why: "why-features",
    settings: { data: "xor", layers: [], features: ["x1 x2"], optimizer: "sgd", lr: 0.1 },
  },
  {
    name: "preset-overfit", why: "why-overfit",
    settings: { data: "gauss", n: 60, noise: 0.5, layers: [layer(16), layer(16)], lr: 0.03 },
  },
  {
    name: "preset-rate", why: "why-rate",
    settings: { data: "circle", layers: [layer(8, "relu")], optimizer: "sgd", lr: 3 },
  },
  {
    name: "preset-zeros", why: "why-zeros",
    settings: { data: "circle", layers: [layer(6)], init: "zeros", optimizer: "sgd", lr: 0.1 },
  },
  {
    name: "preset-deep", why: "why-deep",
    settings: { data: "circle", layers: Array.from({ length: 6 }, () => layer(8, "sigmoid")), optimizer: "sgd", lr: 0.1, init: "0.01" },
  },
  {
    name: "preset-hills", why: "why-hills",
    settings: { data: "hills", n: 800, layers: [layer(16), layer(16)], lr: 0.02 },
  },
];
