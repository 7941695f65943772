// What the Graph page knows: the picture and its stages, and the variables with their gradients.
import type { Lang, Message } from "../model";

export interface Stage {
  phase: "start" | "forward" | "result" | "backward";
  nodes: number[];
  name: string;
  sentence: string;
  /** Edges whose value, or gradient, this stage reveals. */
  values: number[];
  gradients: number[];
  progress: string;
}
export interface Variable {
  name: string;
  value: number;
  gradient: number;
  numerical: number;
}
export interface Graph {
  svg: string;
  stages: Record<Lang, Stage[]>;
  variables: Variable[];
  result: number;
}

const finite = (value: unknown) => (typeof value === "number" ? value : Number.NaN);

export function readGraph(content: Message): Graph {
  const variables = content["variables"] as unknown as Variable[];
  return {
    svg: String(content["svg"]),
    stages: content["stages"] as unknown as Graph["stages"],
    variables: variables.map((v) => ({ ...v, gradient: finite(v.gradient), numerical: finite(v.numerical) })),
    result: finite(content["result"]),
  };
}

/** Whether the gradients of both ways are the same as far as differences can tell. */
export function agree(variables: readonly Variable[]): boolean {
  return variables.every(
    ({ gradient, numerical }) =>
      Math.abs(gradient - numerical) <= 1e-4 * Math.max(1, Math.abs(gradient), Math.abs(numerical)) ||
      (Number.isNaN(gradient) && Number.isNaN(numerical)),
  );
}

/** The stage at which a node is first worked on. */
export function stageOf(stages: readonly Stage[], node: number): number {
  return Math.max(0, stages.findIndex((stage) => stage.nodes.includes(node)));
}
