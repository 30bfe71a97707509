/**
 * Files of sections and settings, as yum, dnf, zypp and systemd's kin write them (dnf.conf(5)):
 *
 *     [baseos]
 *     name=Rocky Linux $releasever - BaseOS
 *     excludepkgs=kernel*
 *         nginx*
 *
 * A line that begins with a blank continues the setting before. `#` and `;` begin a comment at the start of a line.
 */
export type IniSection = {
  readonly name: string;
  /** Of its heading, from 1. */
  readonly line: number;
  /** By name in lower case; continuation lines are joined by a blank. */
  readonly settings: ReadonlyMap<string, string>;
};

/** Sections in order; settings before the first heading stand in one without a name. Undefined where a line is none of these. */
export function parseIni(text: string): readonly IniSection[] | undefined {
  const first = { name: '', line: 1, settings: new Map<string, string>() };
  const sections = [first];
  let setting = '';
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*$/.test(line) || /^\s*[#;]/.test(line)) continue;
    const open = sections.at(-1) ?? first;
    const heading = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    const [, name, value = ''] = /^([A-Za-z][\w.-]*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (heading !== undefined) {
      sections.push({ name: heading.trim(), line: index + 1, settings: new Map() });
      setting = '';
    } else if (/^\s/.test(line) && setting !== '') {
      open.settings.set(setting, `${open.settings.get(setting) ?? ''} ${line.trim()}`.trim());
    } else if (name !== undefined) {
      setting = name.toLowerCase();
      open.settings.set(setting, value);
    } else return undefined;
  }
  return first.settings.size === 0 ? sections.slice(1) : sections;
}

/** dnf.conf(5): `1`, `yes`, `true` and `on` are yes; undefined where nothing is set. */
export function booleanOf(value: string | undefined): boolean | undefined {
  return value === undefined || value === '' ? undefined : /^(?:1|yes|true|on|enabled)$/i.test(value);
}

/** Lists are divided by commas or blanks. */
export function listOf(value: string | undefined): string[] {
  return (value ?? '').split(/[\s,]+/).filter(Boolean);
}
