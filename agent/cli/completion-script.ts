/** Completion for shells, from the command table: commands, their options, the words that may follow each. */
import type { Command } from './command-table.ts';

type Option = { readonly name: string; readonly value: 'none' | 'file' | 'folder' | 'text' | readonly string[] };

/** What an option's line in the table says of its value: `--out FILE`, `--format table|json`, `--strict`. */
export function optionOf(key: string, usage: string): Option | undefined {
  const [, name, placeholder = ''] = /^(--[a-z][a-z-]*)(?: (.+))?$/.exec(key.split(', ')[0] ?? '') ?? [];
  if (name === undefined) return undefined;
  if (placeholder === '') return { name, value: 'none' };
  const [, listed] = new RegExp(`${name} ([a-z,-]+(?:\\|[a-z,-]+)+)(?=[\\] ]|$)`).exec(usage) ?? [];
  if (listed !== undefined) return { name, value: listed.split('|') };
  if (placeholder.includes('FILE') || placeholder.includes('PACK')) return { name, value: 'file' };
  return { name, value: placeholder.includes('DIR') || placeholder.includes('PATH') ? 'folder' : 'text' };
}

/** The first words of a usage such as `install|uninstall|status [--dry-run]`. */
export function verbsOf(usage: string): readonly string[] {
  const [, verbs] = /^([a-z-]+(?: [A-Z]+)?(?:\|[a-z-]+(?: [A-Z]+)?)+)(?= |$)/.exec(usage) ?? [];
  return verbs === undefined ? [] : verbs.split('|').map((verb) => verb.split(' ')[0] ?? verb);
}

export function completionScript(table: Readonly<Record<string, Command>>, shell: 'bash' | 'zsh'): string {
  const shown = Object.entries(table).filter(([, command]) => command.hidden !== true);
  const cases = shown.map(([name, command]) => caseOf(name, command)).join('');
  const bash = `# Completion of affiant for bash; made by \`affiant completion ${shell}\`.
_affiant() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="" command="\${COMP_WORDS[1]}" options="" verbs=""
  [ "$COMP_CWORD" -gt 0 ] && before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([...shown.map(([name]) => name), 'help', '--version', '--help'])} -- "$word"))
    return
  fi
  case "$command" in
${cases}  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options --help" -- "$word"))
  elif [ "$COMP_CWORD" -eq 2 ] && [ -n "$verbs" ]; then
    COMPREPLY=($(compgen -W "$verbs" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _affiant affiant
`;
  return shell === 'bash' ? bash : `#compdef affiant\nautoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function caseOf(name: string, { options, usage }: Command): string {
  const known = Object.keys(options).flatMap((key) => optionOf(key, usage) ?? []);
  const names = [...known.map((option) => option.name), ...(Object.hasOwn(options, '--format FORM') ? ['--json'] : [])];
  const values = known.map(({ name: option, value }) => {
    if (value === 'none') return '';
    const reply =
      value === 'text'
        ? 'COMPREPLY=()'
        : `COMPREPLY=($(compgen ${value === 'file' ? '-f' : value === 'folder' ? '-d' : `-W ${quoted(value)}`} -- "$word"))`;
    return `        ${option}) ${reply}; return ;;\n`;
  });
  return `    ${name})
      options=${quoted(names)}
      verbs=${quoted(verbsOf(usage))}
      case "$before" in
${values.join('')}      esac
      ;;
`;
}

/** Words of the table: no quote is among them. */
function quoted(words: readonly string[]): string {
  return `"${words.join(' ')}"`;
}
