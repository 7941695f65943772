// Three builds of the same views: the page that `mitbadak lab` serves, the module that anywidget loads,
// and the script of a file that shows a recording. All go into the Python package, from where the wheel
// takes them. Each of the last two is a single file, since nothing can be loaded from beside it.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const STATIC = at("../src/mitbadak/lab/static");
const SINGLE = {
  notebook: { entry: at("src/notebook.ts"), format: "es" },
  recording: { entry: at("src/recording/file.ts"), format: "iife" },
} as const;

export default defineConfig(({ mode }) => {
  const shared = { emptyOutDir: true, target: "es2022", modulePreload: false, cssCodeSplit: false } as const;
  if (mode !== "notebook" && mode !== "recording") return { base: "./", build: { ...shared, outDir: `${STATIC}/page` } };
  const { entry, format } = SINGLE[mode];
  const lib = { entry, formats: [format], name: "lab", fileName: () => "lab.js", cssFileName: "lab" };
  return { build: { ...shared, copyPublicDir: false, minify: "oxc", outDir: `${STATIC}/${mode}`, lib } };
});
