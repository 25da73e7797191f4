/** Completion for fish, 3.1 and newer. */
export const fishScript = `# Completion of oms-deploy for fish. In ~/.config/fish/config.fish:
#   oms-deploy completion fish | source

function __oms_deploy_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape; or commandline -ct)
    set -l program oms-deploy
    type -fq oms-deploy; or set program $words[1]
    set -l answer (command $program __complete fish $words[2..-1] "$current" 2>/dev/null </dev/null)
    or return
    set -l head (string split -m 1 \\t -- $answer[1])
    switch $head[1]
        case files directories
            set -l typed (string replace -- "$head[2]" '' "$current")
            set -l paths (__fish_complete_path "$typed")
            test $head[1] = directories; and set paths (__fish_complete_directories "$typed" '')
            for path in $paths
                printf '%s%s\\n' "$head[2]" $path
            end
        case '*'
            for line in $answer[2..-1]
                printf '%s\\n' $line
            end
    end
end

complete -c oms-deploy -f -a '(__oms_deploy_complete)'
`;
