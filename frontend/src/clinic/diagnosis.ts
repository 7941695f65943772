// The learner's answer: a list of causes, then what it was, and what the doctor says.
import type { Lang } from "../model";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { doctorPart } from "../parts/doctor";
import { h, newId } from "../parts/dom";
import type { Say } from "../words";
import type { ClinicState } from "./state";
import type { WORDS } from "./words";

type Key = keyof typeof WORDS;

export function diagnosis(state: ClinicState, say: Say<typeof WORDS>, lang: Lang, onAnswer: (cause: string) => void, wasCounted: () => boolean) {
  const group = newId("causes");
  const list = h("fieldset", { class: "causes" });
  const answer = button({
    label: say("answer"),
    kind: "primary",
    onClick: () => {
      const chosen = list.querySelector<HTMLInputElement>("input:checked");
      if (chosen) onAnswer(chosen.value);
    },
  });
  const result = h("div", { class: "result", role: "status" });
  const doctor = doctorPart(lang);
  const doctorCard = card(say("doctor-title"), doctor.el);
  let causes = "";
  let told = "";

  function build(names: readonly string[]): void {
    causes = names.join();
    const options = names.map((name) => {
      const input = h("input", { type: "radio", name: group, value: name, on: { change: () => (answer.el.disabled = !!state.verdict) } });
      return h("label", { class: "cause", "data-cause": name }, input, h("span", {}, say(name as Key)));
    });
    list.replaceChildren(h("legend", {}, say("question")), ...options);
  }
  return {
    el: h("div", { class: "side" }, card(say("diagnosis-title"), list, answer.el, result), doctorCard),
    /** Another patient: nothing is chosen. */
    clear() {
      for (const input of list.querySelectorAll("input")) input.checked = false;
      answer.el.disabled = true;
    },
    redraw() {
      const { patient, verdict } = state;
      if (patient && patient.causes.join() !== causes) build(patient.causes);
      for (const input of list.querySelectorAll("input")) {
        input.disabled = !!verdict;
        if (verdict && input.value === verdict.answer) input.checked = true;
        const row = input.parentElement as HTMLElement;
        row.classList.toggle("truth", input.value === verdict?.truth);
        row.classList.toggle("miss", input.value === verdict?.answer && verdict.answer !== verdict.truth);
      }
      answer.el.hidden = !!verdict;
      if (!list.querySelector("input:checked")) answer.el.disabled = true;
      const now = verdict ? JSON.stringify([verdict.case, verdict.answer, wasCounted()]) : "";
      if (now !== told) {
        told = now;
        result.replaceChildren(...(verdict ? lines() : []));
      }
      doctor.show(verdict?.report ?? undefined, say(verdict ? "examining" : "doctor-waits"));
    },
  };

  function lines(): HTMLElement[] {
    const { verdict } = state;
    if (!verdict) return [];
    const points = verdict.points > 0 ? `+${verdict.points}` : `−${-verdict.points}`;
    const isRight = verdict.answer === verdict.truth;
    const found = [h("p", { class: isRight ? "verdict right" : "verdict" }, isRight ? say("right", { points }) : say("wrong", { points, truth: say(verdict.truth as Key) }))];
    if (wasCounted()) found.push(h("p", { class: "hint" }, say("counted")));
    if (verdict.good) found.push(h("p", {}, h("b", {}, `${say("why-good")}: `), verdict.good[lang === "ko" ? 1 : 0] ?? ""));
    return found;
  }
}
