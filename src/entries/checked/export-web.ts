/** @file Students for the web as they are published. */
import { aFunction, aString, having, optional } from "../../arguments.ts";
import * as web from "../../ship/web/folder.ts";
import { checkedAsync } from "./checked.ts";
import { aNetwork } from "./kinds.ts";

export const exportWeb = checkedAsync("exportWeb", web.exportWeb, {
  network: aNetwork,
  options: having("an object", { template: aFunction, precision: optional(aString) }),
});
