import { expect, test } from "vitest";
import { downloads } from "../../bench/reliability/downloads.ts";

// The long form: npm run reliability -- downloads
test("sixty downloads from failing servers: the right files or a coded error, and nothing else left behind", async () => {
  expect(await downloads({ count: 60, seed: 1 })).toEqual({ tried: 60, faults: [] });
}, 60_000);
