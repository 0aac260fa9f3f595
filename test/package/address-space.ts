/** @file The installed command line where `ulimit -v` leaves few addresses: it trains, or ends in a coded error, never in V8's own abort. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Installed } from "./install.ts";

/** KiB. Below about 1.4 million Node 26 itself does not start, below about 1.7 V8 has no room for the command line's code. */
const limits = [
  1_800_000, 2_000_000, 2_500_000, 3_000_000, 4_000_000, 6_000_000, 8_000_000, 12_000_000, 16_000_000, 20_000_000,
];
/** Of these the least with which a small network is trained. */
const enough = 6_000_000;

export function trainsWithFewAddresses(installed: () => Installed): void {
  test.skipIf(process.platform !== "linux").each(limits)(
    "with ulimit -v %i it trains, or ends in an error that says what is needed",
    async (limit) => {
      const { folder, run } = installed();
      const line = `train shapes --model LightNN --epochs 1 --limit 16 --threads 2 --out limited-${limit}`;
      const main = join(folder, "node_modules/limbeck/dist/node/cli/main.js");
      const shell = ["-c", `ulimit -v ${limit} && exec "$@"`, "--", process.execPath, main, ...line.split(" ")];
      const failure = await run("sh", shell).then(
        () => undefined,
        (error: { readonly code: number | null; readonly stderr: string }) => error,
      );
      if (failure)
        expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(/error ENGINE: .*address space/) });
      if (limit >= enough) expect(failure).toBeUndefined();
    },
    120_000,
  );
}
