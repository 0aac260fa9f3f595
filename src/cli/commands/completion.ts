/**
 * @file `limbeck completion`: the script by which a shell completes commands, options and names.
 *
 * NOTE: @bomb.sh/tab, the package for commander, does not take this place: its version 0.0.22 evaluates the words that were typed, so that a `$(…)` among
 * them is run, completes no paths, and has no file of its licence. omelette knows nothing of commander's options.
 */
import { Argument, type Command } from "commander";
import { print } from "../output.ts";

/** Each gives Limbeck the words as they are, and completes paths where it has nothing to offer. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_limbeck() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(limbeck complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _limbeck limbeck`,
  zsh: `#compdef limbeck
_limbeck() {
  local -a found
  found=(\${(f)"$(limbeck complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
if [[ "\${funcstack[1]}" == _limbeck ]]; then _limbeck "$@"; else compdef _limbeck limbeck; fi`,
  fish: `function __limbeck_complete
  set -l words (commandline -opc) (commandline -ct)
  limbeck complete -- $words[2..-1] 2>/dev/null
end
complete -c limbeck -a '(__limbeck_complete)'`,
};

export function addCompletion(command: Command): void {
  command
    .description(
      "Prints a script that lets a shell complete commands, options and the names of methods, networks, recipes and data sets.",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(scripts)))
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck completion bash >> ~/.bashrc\n  limbeck completion zsh > ~/.zsh/_limbeck\n" +
        "  limbeck completion fish > ~/.config/fish/completions/limbeck.fish",
    )
    .action((shell: string) => print(scripts[shell] ?? ""));
}
