// The picture of the graph, revealed stage by stage.
import { h } from "../parts/dom";
import { type Stage, stageOf } from "./state";

const LEGIBLE = 1.4; // times as wide as its frame: a picture may be scaled down that far

export function graphPicture(onStage: (stage: number) => void) {
  const el = h("div", { class: "picture", tabindex: 0, role: "group" });
  let svg: Element | undefined;
  let stages: readonly Stage[] = [];
  const part = (kind: string, i: number) => svg?.querySelector(`[data-${kind}="${i}"]`);
  el.addEventListener("click", (event) => {
    const node = (event.target as Element).closest("[data-node]")?.getAttribute("data-node");
    if (node) onStage(stageOf(stages, Number(node)));
  });
  return {
    el,
    /** Another picture; it comes from Python, with all texts escaped. */
    draw(text: string, label: string, next: readonly Stage[]) {
      stages = next;
      svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
      for (const extra of svg.querySelectorAll("style, script, foreignObject")) extra.remove();
      el.replaceChildren(svg);
      el.setAttribute("aria-label", label);
    },
    show(at: number) {
      if (!svg) return;
      el.classList.toggle("fit", Number(svg.getAttribute("width")) < LEGIBLE * el.clientWidth);
      const stage = stages[at];
      el.dataset["phase"] = stage?.phase ?? "";
      stages.forEach((one, k) => {
        for (const kind of ["value", "gradient"] as const)
          for (const i of kind === "value" ? one.values : one.gradients)
            part("edge", i)?.querySelector(`.${kind}`)?.classList.toggle("off", k > at);
        if (one.phase === "forward") for (const i of one.nodes) part("node", i)?.classList.toggle("later", k > at);
      });
      for (const old of svg.querySelectorAll(".now, .current")) old.classList.remove("now", "current");
      for (const i of [...(stage?.values ?? []), ...(stage?.gradients ?? [])]) part("edge", i)?.classList.add("now");
      for (const i of stage?.nodes ?? []) part("node", i)?.classList.add("current");
      const node = stage?.nodes.length === 1 ? part("node", stage.nodes[0] ?? 0) : undefined;
      if (node) follow(el, node);
    },
  };
}

/** Scroll a node into the middle of its frame, and nothing but the frame. */
function follow(frame: HTMLElement, node: Element): void {
  const a = node.getBoundingClientRect();
  const b = frame.getBoundingClientRect();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame.scrollBy({
    left: a.left + a.width / 2 - b.left - b.width / 2,
    top: a.top + a.height / 2 - b.top - b.height / 2,
    behavior: still ? "auto" : "smooth",
  });
}
