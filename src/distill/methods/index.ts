/** @file The table of distillation methods: a file each, its loss and its description. */
import { unknownName } from "../../nearest-name.ts";
import type { AnyMethod } from "../method.ts";
import { ab } from "./ab.ts";
import { at } from "./at.ts";
import { catkd } from "./catkd.ts";
import { cc } from "./cc.ts";
import { ce } from "./ce.ts";
import { cosine } from "./cosine.ts";
import { crd } from "./crd.ts";
import { crld } from "./crld.ts";
import { ctkd } from "./ctkd.ts";
import { dist } from "./dist.ts";
import { dkd } from "./dkd.ts";
import { dml } from "./dml.ts";
import { embed } from "./embed.ts";
import { fitnet } from "./fitnet.ts";
import { fsp } from "./fsp.ts";
import { ft } from "./ft.ts";
import { ickd } from "./ickd.ts";
import { kd } from "./kd.ts";
import { ls } from "./ls.ts";
import { mlkd } from "./mlkd.ts";
import { nkd } from "./nkd.ts";
import { nst } from "./nst.ts";
import { ofd } from "./ofd.ts";
import { pkt } from "./pkt.ts";
import { regressor } from "./regressor.ts";
import { reviewkd } from "./reviewkd.ts";
import { rkd } from "./rkd.ts";
import { rld } from "./rld.ts";
import { sdd } from "./sdd.ts";
import { simkd } from "./simkd.ts";
import { sp } from "./sp.ts";
import { srd } from "./srd.ts";
import { srrl } from "./srrl.ts";
import { tfkd } from "./tfkd.ts";
import { ttm } from "./ttm.ts";
import { vid } from "./vid.ts";
import { wsld } from "./wsld.ts";
import { wttm } from "./wttm.ts";

/** Every method by name. */
export const methods = {
  ce,
  ls,
  tfkd,
  dml,
  kd,
  dkd,
  nkd,
  wsld,
  dist,
  mlkd,
  crld,
  ttm,
  wttm,
  rld,
  ctkd,
  sdd,
  catkd,
  cosine,
  regressor,
  at,
  sp,
  cc,
  rkd,
  pkt,
  nst,
  ickd,
  fsp,
  ab,
  ft,
  fitnet,
  vid,
  ofd,
  reviewkd,
  crd,
  srrl,
  srd,
  embed,
  simkd,
} as const satisfies Record<string, AnyMethod>;

export type MethodName = keyof typeof methods;

/** The method of this name. Throws UNKNOWN_NAME with the nearest one. */
export function findMethod(name: string): AnyMethod {
  if (!Object.hasOwn(methods, name)) unknownName("method", name, Object.keys(methods));
  return methods[name as MethodName];
}
