/** @file Everything that has a name, as tables: methods with their papers, networks with their costs, and the rest. From `limbeck list`. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../navigation.ts";
import { code, plain, table, writePage } from "./page.ts";

interface Option {
  readonly value: unknown;
  readonly description: string;
}

/** As `limbeck list --json` has it. */
interface Item {
  readonly name: string;
  readonly summary: string;
  readonly options?: Readonly<Record<string, Option>>;
}

interface Method extends Item {
  readonly title: string;
  readonly paper?: string;
  readonly needs: readonly string[];
  readonly presets: Readonly<Record<string, { readonly source: string; readonly options: object }>>;
}

interface Network extends Item {
  readonly cost: { readonly parameters: number; readonly multiplyAdds: number; readonly fileBytes: number };
}

interface Listed {
  readonly methods: readonly Method[];
  readonly models: readonly Network[];
  readonly recipes: readonly (Item & { readonly settings: object })[];
  readonly [kind: string]: readonly Item[];
}

/** Writes `names/`. */
export function writeNames(): void {
  const main = join(repository, "src/cli/main.ts");
  const listed = JSON.parse(execFileSync(process.execPath, [main, "list", "--json"], { encoding: "utf8" })) as Listed;
  writePage("names/methods.md", methodsPage(listed.methods));
  writePage("names/networks.md", networksPage(listed.models));
  writePage("names/others.md", othersPage(listed));
}

function methodsPage(methods: readonly Method[]): string {
  const rows = methods.map(({ name, title, summary, paper }) => [
    `[\`${name}\`](#${name})`,
    `${plain(title)}. ${plain(summary)}`,
    paper === undefined ? "" : paperLink(paper),
  ]);
  return [
    "# Methods",
    `All ${methods.length} distillation methods. [Choose a method](../../../docs/methods.md) compares them and shows how to combine them.`,
    table(["method", "what it does", "paper"], rows),
    ...methods.map(methodSection),
  ].join("\n\n");
}

function methodSection({ name, title, summary, paper, needs, options = {}, presets }: Method): string {
  return [
    `## ${name}`,
    `${plain(title)}. ${plain(summary)}`,
    paper === undefined ? "" : plain(paper.replace(/\.? https?:.*$/, ".")) + ` ${addressIn(paper)}`,
    needs.length > 0 ? `Needs ${needs.map(plain).join(", ")}.` : "",
    optionTable(options),
    Object.keys(presets).length > 0
      ? table(
          ["preset", "options", "source"],
          Object.entries(presets).map(([preset, { source, options }]) => [
            code(preset),
            values(options),
            plain(source),
          ]),
        )
      : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** `Hinton, Vinyals, Dean, 2015`, as a link to the paper. */
function paperLink(paper: string): string {
  const [authors = "", ...rest] = paper.split(":");
  const year = /\b(?:19|20)\d\d\b/.exec(rest.join(":"))?.[0];
  const [address] = /https?:\S+/.exec(paper) ?? [];
  const text = plain(year === undefined ? authors : `${authors}, ${year}`);
  return address === undefined ? text : `[${text}](${address})`;
}

function addressIn(paper: string): string {
  const [address] = /https?:\S+/.exec(paper) ?? [];
  return address === undefined ? "" : `<${address}>`;
}

function networksPage(networks: readonly Network[]): string {
  const rows = networks.map(({ name, summary, cost }) => [
    code(name),
    plain(summary),
    cost.parameters.toLocaleString("en"),
    `${(cost.multiplyAdds / 1e6).toPrecision(3)} M`,
    `${(cost.fileBytes / 1e6).toPrecision(3)} MB`,
  ]);
  const withOptions = networks.filter(({ options = {} }) => Object.keys(options).length > 0);
  return [
    "# Networks",
    "All networks by name, with their cost for 10 classes. Any other network can teach as an [ONNX file](../../../docs/your-teacher.md), and your own module can be a teacher or a student: see [Your own code](../../../docs/your-own-code.md).",
    table(["network", "what it is", "parameters", "multiply-adds an image", "file"], rows),
    "## Options",
    "`--model-option NAME=VALUE` and `--student-option NAME=VALUE` set them.",
    ...withOptions.map(({ name, options = {} }) => `### ${name}\n\n${optionTable(options)}`),
  ].join("\n\n");
}

const kinds = {
  recipes: "A recipe is a set of settings that was tuned as a whole: `--recipe NAME`.",
  optimisers: "`--optimiser NAME`, and `--optimiser-option NAME=VALUE`.",
  schedules: "`--schedule NAME`, and `--schedule-option NAME=VALUE`.",
  datasets: "Data sets by name. Any [folder of images](../../../docs/your-images.md) is one too.",
  engines: "`--engine NAME`.",
  formats: "`limbeck export --format NAME`.",
} as const;

function othersPage(listed: Listed): string {
  const sections = Object.entries(kinds).map(([kind, about]) => {
    const items = listed[kind] ?? [];
    const rows = items.map(({ name, summary }) => [code(name), plain(summary)]);
    const options = items.filter(({ options = {} }) => Object.keys(options).length > 0);
    return [
      `## ${kind.replace(/^./, (letter) => letter.toUpperCase())}`,
      about,
      table(["name", "what it is"], rows),
      ...(kind === "recipes" ? listed.recipes.map(({ name, settings }) => `**${name}**: ${values(settings)}`) : []),
      ...options.map(({ name, options = {} }) => `**${name}**\n\n${optionTable(options)}`),
    ].join("\n\n");
  });
  return ["# Recipes, optimisers, data", ...sections].join("\n\n");
}

function optionTable(options: Readonly<Record<string, Option>>): string {
  if (Object.keys(options).length === 0) return "";
  return table(
    ["option", "default", "what it does"],
    Object.entries(options).map(([name, { value, description }]) => [
      code(name),
      code(value === undefined ? "" : JSON.stringify(value)),
      plain(description),
    ]),
  );
}

function values(options: object): string {
  return Object.entries(options)
    .map(([name, value]) => code(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`))
    .join(" ");
}
