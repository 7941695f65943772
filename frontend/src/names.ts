// The names of all views, as in addresses and in the table of src/mitbadak/lab/views.py.
export const VIEW_NAMES = ["playground", "descent", "clinic", "mnist", "drawing", "graph", "runs"] as const;
export type ViewName = (typeof VIEW_NAMES)[number];
