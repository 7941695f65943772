// What notebooks load: one module for all views, since a notebook can import nothing beside it.
import "./styles/lab.css";
import type { ViewName } from "./names";
import { VIEWS } from "./views";
import { forNotebooks } from "./widget";

export default {
  render: forNotebooks((context) => VIEWS[context.model.get("view_name") as ViewName].render(context)),
};
