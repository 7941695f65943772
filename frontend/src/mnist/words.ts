import type { Lang } from "../model";

export const WORDS = {
  run: ["Train", "학습"],
  pause: ["Pause", "일시 정지"],
  step: ["One update", "한 번 갱신"],
  restart: ["Start anew", "처음부터"],
  speed: ["Speed", "속도"],
  slow: ["Slow motion", "느리게"],
  normal: ["60 updates/s", "초당 60번 갱신"],
  full: ["Full speed", "최고 속도"],
  epochs: ["epochs", "에폭"],
  updates: ["updates", "갱신"],
  "net-title": ["Net", "신경망"],
  "training-title": ["Training", "학습"],
  hidden: ["Hidden units", "은닉 유닛"],
  activation: ["Activation", "활성화 함수"],
  optimizer: ["Optimizer", "옵티마이저"],
  lr: ["Learning rate", "학습률"],
  batch_size: ["Batch size", "배치 크기"],
  examples: ["Training images", "훈련 이미지 수"],
  most_epochs: ["Epochs in all", "전체 에폭"],
  "weights-title": ["What the hidden units look for", "은닉 유닛이 찾는 것"],
  "weights-hint": [
    "Each picture shows the weights from the 784 pixels to one unit: blue where ink raises its sum, orange where ink lowers it.",
    "그림 하나가 픽셀 784개에서 유닛 하나로 가는 가중치입니다. 파란 곳에 획이 있으면 합이 커지고, 주황 곳에 있으면 작아집니다.",
  ],
  unit: ["Hidden unit {number}", "은닉 유닛 {number}"],
  "unit-votes": ["Weights from unit {number} to the ten answers", "유닛 {number}에서 열 가지 답으로 가는 가중치"],
  "unit-none": ["Choose a unit to see which digits it speaks for.", "유닛을 고르면 어느 숫자를 편드는지 보입니다."],
  vote: ["{digit}: {weight}", "{digit}: {weight}"],
  "loss-title": ["Loss", "손실"],
  "accuracy-title": ["Accuracy", "정확도"],
  batches: ["batches", "미니배치"],
  train: ["training", "훈련"],
  test: ["test", "시험"],
  "doctor-title": ["The doctor", "진단"],
  "doctor-waits": ["The doctor speaks after 20 updates.", "갱신을 20번 하면 진단이 나옵니다."],
  "confusion-title": ["How the 10,000 test digits are read", "시험 숫자 10,000개를 어떻게 읽었나"],
  "confusion-hint": ["Rows are the digits, columns the answers. Choose a cell to see its images.", "행은 실제 숫자, 열은 답입니다. 칸을 고르면 그 이미지가 보입니다."],
  digit: ["digit", "숫자"],
  answer: ["answer", "답"],
  cell: ["{digit} read as {answer}: {count}", "{digit} {answer} 읽음: {count}개"],
  "worst-title": ["Worst misreadings", "가장 크게 틀린 것"],
  "right-title": ["{digit} read as {answer}, the surest first", "{digit} {answer} 읽은 것, 확률이 높은 순"],
  "all-worst": ["Back to the worst", "가장 크게 틀린 것 보기"],
  misread: ["{digit} read as {answer}, {share}", "{digit} {answer}, {share}"],
  none: ["There is none.", "하나도 없습니다."],
  refused: ["Not taken: {text}", "받아들이지 않았습니다: {text}"],
  caption: [
    "Epoch {epoch}: {test} of the test digits are read correctly; most often {digit} is taken for {answer}.",
    "{epoch}에폭: 시험 숫자의 {test}를 맞게 읽습니다. 가장 잦은 실수는 {digit} {answer} 읽는 것입니다.",
  ],
  waiting: ["Reading the digits …", "숫자를 읽어 들이고 있습니다 …"],
  finished: ["All epochs are done.", "모든 에폭을 마쳤습니다."],
} as const;

/** A digit and an answer as a sentence has them; Korean adds its particles by how digits are read. */
export function pair(digit: number, answer: number, lang: Lang): { digit: string; answer: string } {
  if (lang === "en") return { digit: String(digit), answer: String(answer) };
  const object = [0, 1, 3, 6, 7, 8].includes(digit) ? "을" : "를";
  const direction = [0, 3, 6].includes(answer) ? "으로" : "로";
  return { digit: `${digit}${object}`, answer: `${answer}${direction}` };
}
