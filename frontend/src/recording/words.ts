export const WORDS = {
  recorded: ["A recording, made on {made}. Nothing here needs a server.", "{made}에 만든 기록입니다. 서버 없이 열립니다."],
  play: ["Play", "재생"],
  pause: ["Pause", "멈춤"],
  back: ["One moment back", "한 장면 뒤로"],
  next: ["One moment on", "한 장면 앞으로"],
  moment: ["Moment", "장면"],
  "moment-at": ["epoch {epoch}", "에폭 {epoch}"],
  code: ["The same experiment as Python", "같은 실험을 Python으로"],
  broken: ["The recording in this file cannot be read: {problem}", "이 파일의 기록을 읽을 수 없습니다: {problem}"],
} as const;
