/** The language in use. A second one is a second file with the type [`Text`]. */
import { en } from "./en";

export type Text = typeof en;
export const text: Text = en;
export * as format from "./format";
