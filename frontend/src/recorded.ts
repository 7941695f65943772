// A view that a file shows without Python: what would need Python stays as it was, or is not there.
import type { Model } from "./model";

/** Whether the model is a recording; if so, `fixed` parts take no input and `absent` ones are hidden. */
export function inRecording(model: Model, fixed: readonly HTMLElement[], absent: readonly HTMLElement[] = []): boolean {
  const recorded = model.get("recorded") === true;
  for (const el of recorded ? fixed : []) el.inert = true;
  for (const el of recorded ? absent : []) el.hidden = true;
  return recorded;
}
