// Predict, then run: the question, three answers, and after the run the answer beside the truth, with a
// score that the browser keeps.
import { button } from "../parts/button";
import { h } from "../parts/dom";
import type { Say } from "../words";
import { type DescentState, OUTCOMES, type Outcome } from "./state";
import type { WORDS } from "./words";

const SCORE = "mitbadak-lab-descent-score";

export interface Score {
  right: number;
  asked: number;
}

export function question(say: Say<typeof WORDS>, state: DescentState, onAnswer: (answer: Outcome) => void) {
  let counted = false;
  const text = h("p", { class: "question" });
  const answers = OUTCOMES.map((outcome) => ({
    outcome,
    button: button({ label: say(outcome), onClick: () => onAnswer(outcome) }),
  }));
  const result = h("p", { class: "answered" });
  const score = h("p", { class: "score" });
  const el = h(
    "section",
    { class: "card ask", "aria-label": say("ask-title") },
    h("h2", {}, say("ask-title")),
    text,
    h("div", { class: "answers", role: "group", "aria-label": say("ask-title") }, ...answers.map((a) => a.button.el)),
    result,
    score,
  );
  const tellScore = () => {
    const { right, asked } = readScore();
    score.textContent = asked ? say("score", { right, asked }) : "";
  };
  tellScore();
  return {
    el,
    /** A sentence on how the prediction went, once the run is over, otherwise "". */
    show(asking: boolean, values: { optimizer: string; lr: number; steps: number }): string {
      el.hidden = !asking;
      text.textContent = say("question", values);
      const lane = state.lanes[0];
      const { guess } = state;
      const over = guess !== undefined && lane !== undefined && state.step >= lane.events.length;
      for (const { outcome, button } of answers) {
        button.el.setAttribute("aria-pressed", String(outcome === guess));
        button.el.disabled = guess !== undefined;
        button.el.dataset["truth"] = over ? String(outcome === lane.outcome) : "";
      }
      if (!guess || !lane) {
        counted = false;
        result.textContent = "";
        return "";
      }
      const yours = say("your-answer", { answer: say(guess) });
      if (!over) {
        result.textContent = `${yours}. ${say("waiting")}`;
        return "";
      }
      const right = guess === lane.outcome;
      if (!counted) {
        counted = true;
        count(right);
        tellScore();
      }
      const sentence = `${yours}. ${say("truth", { answer: say(lane.outcome) })}. ${say(right ? "right" : "wrong")}`;
      result.textContent = sentence;
      result.dataset["right"] = String(right);
      return sentence;
    },
  };
}

function count(right: boolean): void {
  const score = readScore();
  try {
    localStorage.setItem(SCORE, JSON.stringify({ right: score.right + Number(right), asked: score.asked + 1 }));
  } catch {
    // a notebook may refuse storage: the score is then not kept
  }
}

export function readScore(): Score {
  try {
    const kept = JSON.parse(localStorage.getItem(SCORE) ?? "{}") as Partial<Score>;
    return { right: Number(kept.right) || 0, asked: Number(kept.asked) || 0 };
  } catch {
    return { right: 0, asked: 0 };
  }
}
