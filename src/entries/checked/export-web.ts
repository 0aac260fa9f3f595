/** @file Students for the web as they are published. */
import * as web from "../../ship/web/folder.ts";
import { checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";

export const exportWeb = checkedAsync("exportWeb", web.exportWeb, {
  network: is.aNetwork,
  options: { template: is.aFunction, "precision?": is.aString },
});
