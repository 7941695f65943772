// The table of runs: a header that sorts, a box to compare.
import type { Lang } from "../model";
import { h } from "../parts/dom";
import type { Say } from "../words";
import { falls, type Run, SORTINGS, type Sorting } from "./state";
import type { WORDS } from "./words";

export interface TableOptions {
  say: Say<typeof WORDS>;
  lang: Lang;
  onSort: (by: Sorting) => void;
  onChoose: (number: number, on: boolean) => void;
}

export function table({ say, lang, onSort, onChoose }: TableOptions) {
  const headers = SORTINGS.map((by) => ({
    by,
    el: h("th", { scope: "col" }, h("button", { type: "button", class: "quiet", on: { click: () => onSort(by) } }, say(by))),
  }));
  const body = h("tbody");
  const el = h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": say("name") },
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, say("chosen"))), ...headers.map((x) => x.el))), body),
  );
  let shown = "";
  return {
    el,
    show(runs: readonly Run[], chosen: readonly number[], colors: ReadonlyMap<number, string>, by: Sorting, reverse: boolean) {
      for (const header of headers) {
        if (header.by === by) header.el.setAttribute("aria-sort", falls(by, reverse) ? "descending" : "ascending");
        else header.el.removeAttribute("aria-sort");
      }
      const key = JSON.stringify([runs, chosen]);
      if (key === shown) return;
      shown = key;
      const focused = (document.activeElement as HTMLElement | null)?.dataset["run"];
      body.replaceChildren(...runs.map((run) => row(run, chosen.includes(run.number), colors.get(run.number))));
      if (focused) body.querySelector<HTMLElement>(`[data-run="${focused}"]`)?.focus();
    },
  };

  function row(run: Run, on: boolean, color: string | undefined): HTMLElement {
    const box = h("input", {
      type: "checkbox",
      "data-run": run.number,
      "aria-label": say("choose", { name: run.name }),
      on: { change: () => onChoose(run.number, box.checked) },
    });
    box.checked = on;
    const damaged = run.state === "damaged";
    const key = h("span", { class: color ? "key" : "" }, run.name);
    if (color) key.style.setProperty("--key", `var(${color})`);
    const skill = run.accuracy === null ? (run.r2 === null ? "" : `R² ${run.r2.toFixed(3)}`) : `${(run.accuracy * 100).toFixed(2)}%`;
    const why = run.why?.[lang === "ko" ? 1 : 0];
    const state = h("td", { class: `state ${run.state}` }, h("b", {}, say(run.state)), why && h("span", { class: "why" }, why));
    if (run.kept !== null) state.append(h("span", { class: "why" }, say("kept", { epoch: run.kept })));
    return h(
      "tr",
      {},
      h("td", {}, damaged ? null : box),
      h("th", { scope: "row" }, key),
      h("td", {}, run.data),
      h("td", {}, run.net),
      h("td", {}, run.optimizer),
      h("td", { class: "number" }, damaged ? "" : `${run.epochs} / ${run.of}`),
      h("td", { class: "number" }, skill),
      h("td", { class: "number" }, run.loss === null ? "" : run.loss.toPrecision(4)),
      h("td", { class: "number" }, run.seconds === null ? "" : run.seconds.toFixed(1)),
      state,
      h("td", {}, run.when ? new Date(run.when * 1000).toLocaleString(lang, { dateStyle: "short", timeStyle: "short" }) : ""),
    );
  }
}
