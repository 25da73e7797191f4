/** Completion for zsh: to be sourced, or as a file `_oms-deploy` in a folder of fpath. */
export const zshScript = `#compdef oms-deploy
# Completion of oms-deploy for zsh. In ~/.zshrc, after compinit:
#   source <(oms-deploy completion zsh)
# or once, as a file: oms-deploy completion zsh > "\${fpath[1]}/_oms-deploy"

_oms-deploy() {
  local program=oms-deploy answer how tab=$'\\t'
  local -a lines values displays
  (( $+commands[oms-deploy] )) || program="\${(Q)words[1]}"
  answer=$(command "$program" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null) || return 1
  lines=("\${(@f)answer}")
  how="\${lines[1]%%$tab*}"
  [[ -n "\${lines[1]#*$tab}" ]] && compset -P 1 '*='
  case "$how" in
    files) _files; return ;;
    directories) _files -/; return ;;
  esac
  local line value about
  for line in "\${(@)lines[2,-1]}"; do
    value="\${line%%$tab*}" about="\${line#*$tab}"
    values+=("$value")
    displays+=("$value\${about:+  -- $about}")
  done
  (( $#values )) || return 1
  local -a space
  [[ "$how" == open ]] && space=(-S '')
  compadd -V oms-deploy -l "\${space[@]}" -d displays -a values
}

if [[ "\${funcstack[1]}" == _oms-deploy ]]; then
  _oms-deploy "$@"
else
  compdef _oms-deploy oms-deploy
fi
`;
