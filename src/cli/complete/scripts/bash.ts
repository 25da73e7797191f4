/**
 * Completion for bash, 3.2 (macOS) and newer. Names are taken as they come, never through `compgen -W`, which would expand
 * them; what is inserted has been quoted by the program.
 */
export const bashScript = `# Completion of oms-deploy for bash. In ~/.bashrc:
#   source <(oms-deploy completion bash)

_oms_deploy() {
  local program="$1" answer how line
  type -P oms-deploy >/dev/null && program=oms-deploy
  COMPREPLY=()
  answer=$(command "$program" __complete bash "\${COMP_LINE:0:$COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null) || return 0
  {
    IFS=$'\\t' read -r how line
    while IFS= read -r line; do
      COMPREPLY+=("\${line%%$'\\t'*}")
    done
  } <<<"$answer"
  type compopt >/dev/null 2>&1 || return 0
  compopt -o nosort 2>/dev/null
  case "$how" in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    open) compopt -o nospace ;;
  esac
}

if type compopt >/dev/null 2>&1; then
  complete -F _oms_deploy oms-deploy
else
  complete -o default -F _oms_deploy oms-deploy
fi
`;
