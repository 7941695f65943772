// The views in the order of the page's navigation; src/mitbadak/lab/views.py is the table in Python.
import type { Render } from "./model";
import type { ViewName } from "./names";
import { render as clinic } from "./clinic/view";
import { render as descent } from "./descent/view";
import { render as drawing } from "./drawing/view";
import { render as graph } from "./graph/view";
import { render as mnist } from "./mnist/view";
import { render as playground } from "./playground/view";
import { render as runs } from "./runs/view";

export interface View {
  /** English, Korean. */
  title: readonly [string, string];
  render: Render;
  /** Whether a file can show it, as in src/mitbadak/lab/view.py. */
  lasting?: false;
}

export const VIEWS: Record<ViewName, View> = {
  playground: { title: ["Playground", "놀이터"], render: playground },
  descent: { title: ["Descent", "경사 하강"], render: descent },
  clinic: { title: ["Fault clinic", "고장 진료소"], render: clinic, lasting: false },
  mnist: { title: ["MNIST live", "MNIST 학습"], render: mnist },
  drawing: { title: ["Drawing pad", "그림판"], render: drawing },
  graph: { title: ["Graph", "계산 그래프"], render: graph },
  runs: { title: ["Runs", "실행 기록"], render: runs },
};
