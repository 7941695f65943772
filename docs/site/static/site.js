// What pages need beyond the theme: buttons that copy code, and a switch of language that stays at
// the section that is being read and is remembered.
"use strict";

const WORDS = {
  en: { copy: "Copy", copied: "Copied", labels: {} },
  ko: {
    copy: "복사",
    copied: "복사했습니다",
    labels: { // the theme has these in English only
      "Toggle Light / Dark / Auto color theme": "밝은 테마, 어두운 테마, 자동",
      "Toggle site navigation sidebar": "메뉴 열고 닫기",
      "Toggle table of contents sidebar": "이 페이지의 차례 열고 닫기",
    },
  },
}[document.documentElement.lang === "ko" ? "ko" : "en"];

/** The code of a block as one types it: without prompts, and without what the program answered. */
function typedCode(block) {
  const text = block.querySelector("pre").innerText.replace(/\n$/, "");
  const lines = text.split("\n");
  if (!lines.some((line) => line.startsWith(">>> ") || line.startsWith("$ "))) return text;
  return lines
    .filter((line) => /^(>>>|\.\.\.|\$)( |$)/.test(line))
    .map((line) => line.replace(/^(>>>|\.\.\.|\$) ?/, ""))
    .join("\n");
}

function addCopyButton(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-code";
  button.textContent = WORDS.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(typedCode(block));
    button.textContent = WORDS.copied;
    setTimeout(() => { button.textContent = WORDS.copy; }, 1500);
  });
  block.append(button);
}

function keepSection(link) {
  link.addEventListener("click", () => {
    try { localStorage.setItem("language", link.lang); } catch { /* storage is off */ }
    link.hash = location.hash;
    link.search = location.search;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[aria-label]").forEach((thing) => {
    const label = thing.getAttribute("aria-label");
    thing.setAttribute("aria-label", WORDS.labels[label] || label);
  });
  if (navigator.clipboard) {
    document.querySelectorAll("div.highlight").forEach(addCopyButton);
  }
  document.querySelectorAll("a[data-twin]").forEach(keepSection);
});
