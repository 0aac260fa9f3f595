/** @file Every page of the site: the file that it is written in, its address, and its line in the menu. */
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository, with a slash at its end. */
export const repository: string = fileURLToPath(new URL("../", import.meta.url));

/** A page's file in the repository, and what the menu calls it. */
type Entry = readonly [file: string, title: string];

/** A heading of the menu: the folder of its pages' addresses, and its pages in their order. */
interface Section {
  readonly title: string;
  readonly folder: string;
  readonly pages: readonly Entry[];
}

/** Pages that `generate/` writes lie here. */
export const generated = "site/generated";

export const sections: readonly Section[] = [
  {
    title: "Start",
    folder: "guide",
    pages: [
      ["site/pages/start.md", "Your first student"],
      ["site/pages/try.md", "Try a student"],
      ["docs/playground.md", "The playground"],
    ],
  },
  {
    title: "Train",
    folder: "guide",
    pages: [
      ["docs/your-images.md", "Your images"],
      ["docs/your-teacher.md", "Your teacher"],
      ["docs/hub.md", "A teacher from the hub"],
      ["docs/no-labels.md", "No labels"],
      ["docs/live.md", "Watch runs live"],
      ["docs/reading-a-report.md", "Read a report"],
    ],
  },
  {
    title: "Compare",
    folder: "guide",
    pages: [
      ["docs/methods.md", "Choose a method"],
      ["docs/studies.md", "Studies over seeds"],
      ["docs/cluster.md", "On a cluster"],
    ],
  },
  {
    title: "Ship",
    folder: "guide",
    pages: [
      ["docs/ship.md", "Page and server"],
      ["docs/transformers.md", "To transformers.js"],
      ["docs/phone.md", "To a phone"],
      ["examples/react/README.md", "Example: React"],
      ["examples/vite-worker/README.md", "Example: Vite and a worker"],
      ["examples/service-worker/README.md", "Example: offline"],
      ["examples/extension/README.md", "Example: browser extension"],
      ["examples/hono/README.md", "Example: Hono server"],
    ],
  },
  {
    title: "Write code",
    folder: "guide",
    pages: [
      ["docs/library.md", "The library"],
      ["docs/your-own-code.md", "Your own code"],
      ["docs/teachers.md", "Teachers in a program"],
      ["examples/hub/README.md", "Example: a hub's teacher"],
    ],
  },
  {
    title: "How it works",
    folder: "concepts",
    pages: [
      ["site/pages/overview.md", "In four drawings"],
      ["docs/runs.md", "A run"],
      ["docs/engines.md", "Tensors and engines"],
      ["docs/random.md", "Random numbers"],
      ["docs/reliability.md", "Reliability"],
      ["docs/architecture.md", "Architecture"],
    ],
  },
  {
    title: "Results",
    folder: "results",
    pages: [
      ["docs/small-students.md", "Best small students"],
      ["docs/comparison.md", "Methods compared"],
      ["docs/speed.md", "Speed and memory"],
      [`${generated}/records.md`, "All records"],
    ],
  },
  {
    title: "Reference",
    folder: "reference",
    pages: [
      [`${generated}/cli/index.md`, "Command line"],
      ["docs/settings.md", "Settings"],
      [`${generated}/names/methods.md`, "Methods"],
      [`${generated}/names/networks.md`, "Networks"],
      [`${generated}/names/others.md`, "Recipes, optimisers, data"],
      [`${generated}/api/index.md`, "API"],
    ],
  },
];

/** Pages that are in no menu, by their files. */
const others: Readonly<Record<string, string>> = {
  "site/pages/index.md": "index.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
};

/** `guide/start.md`, for a file of the menu. */
const addresses = new Map<string, string>([
  ...Object.entries(others),
  ...sections.flatMap(({ folder, pages }) => pages.map(([file]) => [file, addressIn(folder, file)] as const)),
]);

function addressIn(folder: string, file: string): string {
  const [, , ...rest] = file.split("/");
  if (file.startsWith(`${generated}/`)) return `${folder}/${rest.join("/")}`;
  if (file.startsWith("examples/")) return `${folder}/example-${file.split("/")[1]}.md`;
  return `${folder}/${file.split("/").at(-1)}`;
}

/** Where a page lies on the site: `guide/your-images.md` for `docs/your-images.md`. `undefined` for what is no page. */
export function addressOf(file: string): string | undefined {
  const address = addresses.get(file);
  if (address !== undefined || !file.startsWith(`${generated}/`)) return address;
  const rest = file.slice(generated.length + 1);
  return rest.startsWith("source/") ? rest : `reference/${rest}`;
}

/** The file of the page at an address: what `addressOf` undoes. */
export function fileAt(address: string): string {
  const [file] = [...addresses].find(([, at]) => at === address) ?? [];
  return file ?? `${generated}/${address.replace(/^reference\//, "")}`;
}

/** Throws for a guide or an example that the menu lacks, which nobody would find, and for two pages at one address. */
export function checkMenu(): void {
  const twice = Map.groupBy(addresses, ([, at]) => at)
    .values()
    .find((each) => each.length > 1);
  if (twice) throw new Error(`site/navigation.ts has one address for ${twice.map(([file]) => file).join(" and ")}`);
  const pages = globSync(["docs/*.md", "examples/*/README.md"], { cwd: repository });
  const missing = pages.filter((page) => !addresses.has(page));
  if (missing.length > 0) throw new Error(`site/navigation.ts should have a line for ${missing.join(", ")}`);
}

/** The files of all pages that are written by hand. */
export function pageFiles(): readonly string[] {
  return [...addresses.keys()].filter((file) => !file.startsWith(`${generated}/`));
}
