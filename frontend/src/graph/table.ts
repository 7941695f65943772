// The variables: their values in number fields, and their gradients by the graph and by the definition.
import { h } from "../parts/dom";
import { type NumberField, numberField } from "../parts/number";
import type { Say } from "../words";
import { agree, type Graph, type Variable } from "./state";
import type { WORDS } from "./words";

interface Row {
  field: NumberField;
  gradient: HTMLElement;
  numerical: HTMLElement;
}

export function variableTable(say: Say<typeof WORDS>, onValue: (name: string, value: number) => void) {
  const rows = h("div", { class: "variables" });
  const note = h("p", { class: "hint" });
  const result = h("p", { class: "result" });
  let names = "";
  let known: Row[] = [];

  function row({ name, value }: Variable): Row {
    const field = numberField({
      label: name,
      value,
      min: -1e6,
      max: 1e6,
      step: 0.1,
      less: say("less", { name }),
      more: say("more", { name }),
      onChange: (next) => onValue(name, next),
    });
    const gradient = h("dd", { class: "gradient" });
    const numerical = h("dd");
    rows.append(
      h(
        "div",
        { class: "variable" },
        field.el,
        h("dl", {}, h("dt", {}, say("derivative")), gradient, h("dt", {}, say("definition")), numerical),
      ),
    );
    return { field, gradient, numerical };
  }

  return {
    el: h("div", {}, result, rows, note),
    show({ variables, result: y }: Graph, isKnown: boolean, isComputed: boolean) {
      const next = variables.map((v) => v.name).join(" ");
      if (next !== names) {
        names = next;
        rows.replaceChildren();
        known = variables.map(row);
      }
      variables.forEach((variable, i) => {
        known[i]?.field.set(variable.value);
        if (known[i]) known[i].gradient.textContent = isKnown ? number(variable.gradient) : "?";
        if (known[i]) known[i].numerical.textContent = isKnown ? number(variable.numerical) : "?";
      });
      result.textContent = isComputed ? say("result", { value: number(y) }) : "";
      note.textContent = say(!isKnown ? "later" : agree(variables) ? "agree" : "differ");
    },
  };
}

export const number = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(6))).replace("-", "−") : "–";
