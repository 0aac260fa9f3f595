/** @file Attacks `unpack`: damaged gzip, damaged tar, and entries made to escape or to fill the disk. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { unpack } from "../../../src/data/node/unpack.ts";
import type { Stream } from "../../../src/data/stream.ts";
import { describeArchive, tar, tarEntry } from "../../../test/data/tar-file.ts";
import { mutateBytes, pick } from "../mutate.ts";
import { sameBytes, type Target } from "./target.ts";

const a = Uint8Array.from({ length: 3000 }, (_, i) => (i * i) % 251);
const b = Buffer.from("ok");
const good = [tarEntry("pictures/a.bin", a), tarEntry("pictures/b.txt", b)];
const none = new Uint8Array();

export const archiveTarget: Target = {
  name: "archive",
  share: 3,
  async attempt(random) {
    const parent = mkdtempSync(join(tmpdir(), "limbeck-readers-"));
    try {
      return await attemptIn(parent, random);
    } finally {
      rmSync(parent, { recursive: true });
    }
  },
};

async function attemptIn(parent: string, random: Stream): Promise<string | undefined> {
  const compressedDamage = random.below(2) === 0;
  const plain = Buffer.from(hostileTar(random, compressedDamage));
  const packed = gzipSync(plain, { level: 1 });
  const bytes = compressedDamage ? mutateBytes(packed, random) : packed;
  const inner = join(parent, "cache");
  mkdirSync(inner);
  const [file, folder] = [join(inner, "pictures.tar.gz"), join(inner, "pictures")];
  writeFileSync(file, bytes);
  const archive = describeArchive(Buffer.from(bytes), "http://127.0.0.1:9/pictures.tar.gz");
  const refusal: unknown = await unpack(archive, file, folder).catch((error: unknown) => error);
  const expected = refusal === undefined ? ["pictures", "pictures.tar.gz"] : ["pictures.tar.gz"];
  const left = [...readdirSync(parent), ...readdirSync(inner).toSorted()];
  if (String(left) !== String(["cache", ...expected])) return `left ${left.join(", ")}`;
  if (refusal !== undefined) throw refusal;
  return unpackedDifference(folder, compressedDamage);
}

/** The folder holds the two files, no larger than they may be; those of a gzip file, which has a checksum, as they were. */
function unpackedDifference(folder: string, asWritten: boolean): string | undefined {
  const names = readdirSync(folder).toSorted();
  if (String(names) !== "SHA256SUMS,a.bin,b.txt") return `unpacked ${names.join(", ")}`;
  if (existsSync(join(tmpdir(), "limbeck-escaped"))) return "wrote outside its folder";
  const [first, second] = ["a.bin", "b.txt"].map((name) => readFileSync(join(folder, name)));
  if (first!.length > 3000 || second!.length > 2) return "unpacked more than expected";
  return asWritten && !(sameBytes(first!, a) && sameBytes(second!, b)) ? "damage was not told" : undefined;
}

function hostileTar(random: Stream, whole: boolean): Uint8Array {
  if (whole) return tar(good);
  if (random.below(2) === 0) return mutateBytes(tar(good), random);
  const hostile = pick(random, entries)(random);
  return tar(
    [
      pick(random, [
        [...good, hostile],
        [hostile, ...good],
        [hostile, good[1]!],
        [good[0]!, hostile],
      ]),
    ].flat(),
  );
}

const paths = [
  "../limbeck-escaped",
  "/tmp/limbeck-escaped",
  "pictures/../../limbeck-escaped",
  "C:\\x",
  "pictures/a.bin",
  "./pictures/b.txt",
  "pictures//b.txt",
  "pictures",
  "x".repeat(99),
];
const types = [
  "File",
  "SymbolicLink",
  "Link",
  "Directory",
  "FIFO",
  "CharacterDevice",
  "ContiguousFile",
  "ExtendedHeader",
] as const;

const entries: readonly ((random: Stream) => Buffer)[] = [
  (random) => tarEntry(pick(random, paths), new Uint8Array(pick(random, [3, 3001, 2e6]))),
  (random) => tarEntry(pick(random, paths), b),
  (random) =>
    tarEntry(pick(random, paths), none, {
      type: pick(random, types),
      linkpath: pick(random, ["/etc/passwd", "../.."]),
    }),
  (random) => tarEntry(pick(random, paths), none, { size: pick(random, [1, 511, 3001, 2 ** 31, 2 ** 40]) }),
  (random) =>
    tarEntry(
      "PaxHeader",
      Buffer.from(`${pick(random, ["11", "27", "0", "-1", "99999999"])} path=../limbeck-escaped\n`),
      { type: pick(random, ["ExtendedHeader", "GlobalExtendedHeader"]) },
    ),
  (random) => Buffer.alloc(512 * random.below(4000)),
];
