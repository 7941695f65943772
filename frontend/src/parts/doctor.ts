// What the doctor says: its findings, each with why, what to do, and the trial that was made.
import type { Json, Lang, Message } from "../model";
import { inOne, speaker } from "../words";
import { h } from "./dom";

export interface Finding {
  code: string;
  severity: "note" | "warning" | "fault";
  confidence: number;
  since: number | null;
  seen: [string, string];
  why: [string, string];
  remedy: [string, string];
  unless: [string, string];
  trial: [string, string] | null;
  helped: boolean;
}
export interface Report {
  steps: number;
  looked: number;
  findings: Finding[];
}

const WORDS = {
  healthy: ["Nothing is wrong that the doctor knows of.", "아는 문제는 보이지 않습니다."],
  seen: ["{steps} updates seen.", "갱신 {steps}번을 보았습니다."],
  why: ["Why", "그 까닭"],
  remedy: ["What to do", "할 일"],
  unless: ["Not so if", "틀릴 수 있는 경우"],
  trial: ["Trial", "시험"],
  sure: ["{share} sure", "확신 {share}"],
  note: ["Note", "참고"],
  warning: ["Warning", "주의"],
  fault: ["Fault", "오류"],
} as const;

export const reportOf = (content: Message): Report | undefined => (content["report"] ?? undefined) as Report | undefined;

export interface DoctorPart {
  el: HTMLElement;
  show(report: Report | undefined, waiting: string): void;
}

/** The doctor's words; `most` findings are shown at most. */
export function doctorPart(lang: Lang, most = 3): DoctorPart {
  const say = speaker(WORDS, lang);
  const own = (texts: readonly string[]) => inOne(texts, lang);
  const el = h("div", { class: "doctor" });
  let shown = "";
  return {
    el,
    show(report, waiting) {
      const key = JSON.stringify([report as unknown as Json, waiting]);
      if (key === shown) return;
      shown = key;
      if (!report) return el.replaceChildren(h("p", { class: "hint" }, waiting));
      const findings = report.findings.slice(0, most).map((f) => finding(f));
      const seen = say("seen", { steps: report.steps.toLocaleString() });
      const healthy = !report.findings.some((f) => f.severity !== "note");
      el.replaceChildren(...(healthy ? [h("p", { class: "healthy" }, say("healthy"))] : []), ...findings, h("p", { class: "hint" }, seen));
    },
  };

  function finding(f: Finding): HTMLElement {
    const row = (term: "why" | "remedy" | "unless", texts: readonly string[]) => [h("dt", {}, say(term)), h("dd", {}, own(texts))];
    return h(
      "article",
      { class: `finding ${f.severity}` },
      h(
        "p",
        { class: "finding-head" },
        h("b", {}, say(f.severity)),
        h("code", {}, f.code),
        h("span", { class: "hint" }, say("sure", { share: `${Math.round(f.confidence * 100)}%` })),
      ),
      h("p", {}, sentence(own(f.seen))),
      h(
        "dl",
        {},
        ...row("why", f.why),
        ...row("remedy", f.remedy),
        ...row("unless", f.unless),
        ...(f.trial ? [h("dt", {}, say("trial")), h("dd", { class: f.helped ? "helped" : "" }, own(f.trial))] : []),
      ),
    );
  }
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
