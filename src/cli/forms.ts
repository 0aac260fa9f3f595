/** @file The forms in which a command prints its result, each a flag: text without one. */
import { Option, type Command } from "commander";

/** The forms of a comparison besides text, each a flag. */
export const comparisonForms = {
  json: "print JSON on stdout; progress goes to stderr",
  csv: "print CSV on stdout",
  markdown: "print Markdown tables on stdout",
  latex: "print LaTeX tables on stdout",
} as const;
export type Form = keyof typeof comparisonForms;

/** Which of these flags were given. */
export type FormOptions = { readonly [form in Form]?: boolean | undefined };

/** Adds a flag for each form, with its help. At most one of them may be given. */
export function addForms(command: Command, forms: { readonly [form in Form]?: string }): Command {
  const names = Object.keys(forms);
  for (const [form, help] of Object.entries(forms))
    command.addOption(new Option(`--${form}`, help).conflicts(names.filter((name) => name !== form)));
  return command;
}

/** The form that was asked for; `undefined` is text. */
export function formOf(options: FormOptions): Form | undefined {
  return (Object.keys(comparisonForms) as Form[]).find((form) => options[form]);
}

/** Whether a command line asks for one, so that stdout is kept for it. */
export function givesForm(args: readonly string[]): boolean {
  return Object.keys(comparisonForms).some((form) => args.includes(`--${form}`));
}
