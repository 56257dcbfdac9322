/** Shells whose completion can be had. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * The script of each shell. All of them ask `sfbulk complete` on each Tab, so they never go out of date: a line each,
 * `value<tab>about`, and `:files` where names of files may stand.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of sfbulk for bash: eval "$(sfbulk completion bash)" in ~/.bashrc
_sfbulk() {
  local line behind current="\${COMP_WORDS[COMP_CWORD]}"
  # bash takes a word apart at "=": what stands before it is not part of the answer.
  [[ $current == = || \${COMP_WORDS[COMP_CWORD-1]} == = ]] && behind=1
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
    else
      line="\${line%%$'\\t'*}"
      [[ -n $behind ]] && line="\${line#*=}"
      [[ $line == *= ]] && compopt -o nospace 2>/dev/null
      [[ $line == "$current"* ]] && COMPREPLY+=("$line")
    fi
  done < <(sfbulk complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _sfbulk sfbulk
`,
  zsh: `#compdef sfbulk
# Completion of sfbulk for zsh: source <(sfbulk completion zsh) in ~/.zshrc, after compinit
_sfbulk() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(sfbulk complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe sfbulk found
}
compdef _sfbulk sfbulk
`,
  fish: `# Completion of sfbulk for fish: sfbulk completion fish > ~/.config/fish/completions/sfbulk.fish
function __sfbulk_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    for line in (sfbulk complete -- $words "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c sfbulk -f -a '(__sfbulk_complete)'
`,
}
