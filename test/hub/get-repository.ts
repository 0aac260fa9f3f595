/** @file Gets files of a repository in a process of its own: `node get-repository.ts NAME FILE…`. */
import { parseHubName } from "../../src/data/hub-name.ts";
import { openRepository } from "../../src/data/node/hub/repository.ts";

const [name = "", ...paths] = process.argv.slice(2);
await (await openRepository(parseHubName(name), { type: "model" })).get(paths);
