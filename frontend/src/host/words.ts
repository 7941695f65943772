export const HEAD = {
  lab: ["Mitbadak lab", "밑바닥 실험실"],
  language: ["한국어", "English"],
  theme: ["Theme", "테마"],
  auto: ["System", "시스템"],
  light: ["Light", "밝게"],
  dark: ["Dark", "어둡게"],
} as const;

export const WORDS = {
  views: ["Views", "화면"],
  connecting: ["Connecting to the lab …", "실험실에 연결하고 있습니다 …"],
  lost: [
    "The connection was lost. Trying again …",
    "연결이 끊어졌습니다. 다시 연결하고 있습니다 …",
  ],
  refused: [
    "The lab does not answer. Your settings are safe in the address. If it was started again, open the new address that `mitbadak lab` printed.",
    "실험실이 응답하지 않습니다. 설정은 주소에 남아 있습니다. 다시 시작했다면 `mitbadak lab`이 출력한 새 주소를 여세요.",
  ],
  "no-token": [
    "This address has no token. Open the address that `mitbadak lab` printed.",
    "이 주소에는 토큰이 없습니다. `mitbadak lab`이 출력한 주소를 여세요.",
  ],
  save: ["Save as a file", "파일로 저장"],
  "save-hint": [
    "One HTML file that shows all of this without the lab, to mail or to keep",
    "실험실 없이 이 화면을 보여 주는 HTML 파일 하나. 메일로 보내거나 보관할 수 있습니다",
  ],
  "not-saved": ["There is no file: {text}", "파일을 만들지 못했습니다: {text}"],
  saving: ["Making the file …", "파일을 만들고 있습니다 …"],
  skip: ["Skip to the view", "본문으로 건너뛰기"],
} as const;
