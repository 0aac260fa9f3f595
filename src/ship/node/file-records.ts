/** @file How large an export's files are, as they lie there and as a server sends them. */
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { sha256Hex } from "../../sha256.ts";
import type { FileRecord } from "../record.ts";

/** Larger files are compressed less thoroughly, as servers do too. */
const THOROUGH = 2 ** 20;

/** Of each file, by its name. */
export async function recordsOf(files: ReadonlyMap<string, Uint8Array>): Promise<Record<string, FileRecord>> {
  const records: Record<string, FileRecord> = {};
  for (const [name, bytes] of files) {
    const quality = bytes.length > THOROUGH ? 5 : constants.BROTLI_MAX_QUALITY;
    const compressed = await compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
    records[name] = { bytes: bytes.length, brotli: compressed.length, sha256: await sha256Hex(bytes) };
  }
  return records;
}

const compress = promisify(brotliCompress);
