/** What guards the boot loader and rescue mode (systemd's rescue.service, sulogin(8); GRUB's superusers). */
import type { Answer, FileContent, Host } from '../../agent/host/host.ts';
import type { Fact, RescueAccess } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';

const grubFiles = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];
const grubUserFiles = ['/boot/grub/user.cfg', '/boot/grub2/user.cfg'];
const units = ['rescue.service', 'emergency.service'];
/** Our own services' units win over those of packages, drop-ins add to either (systemd.unit(5)). */
const unitFolders = ['/etc/systemd/system', '/run/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
const maxBytes = 4 * 1024 * 1024;

export async function readRescue(host: Host): Promise<Fact<RescueAccess>> {
  const sources: string[] = [];
  const loader = await bootLoader(host, sources);
  const forced = await passwordForced(host, sources);
  const value: RescueAccess = { ...loader, ...(forced === undefined ? {} : { passwordForced: forced }) };
  const all = [...new Set(sources)].slice(0, 60);
  return Object.keys(value).length === 0 ? unseen('unsupported', 'nothing-seen', all) : observed(value, ...all);
}

async function bootLoader(host: Host, sources: string[]): Promise<RescueAccess> {
  for (const file of grubFiles) {
    const stat = await host.stat(file);
    sources.push(stat.source);
    if (stat.status !== 'observed') continue;
    // It can hold the hash of the boot loader's password.
    const answer = await host.readFile(file, { secret: true, maxBytes });
    sources.push(answer.source);
    const guarded = await guardedGrub(host, answer, sources);
    return { bootLoader: 'grub', ...(guarded === undefined ? {} : { bootLoaderPassword: guarded }) };
  }
  for (const [file, kind] of [
    ['/boot/loader/loader.conf', 'systemd-boot'],
    ['/boot/extlinux/extlinux.conf', 'extlinux'],
  ] as const) {
    const stat = await host.stat(file);
    sources.push(stat.source);
    if (stat.status === 'observed') return { bootLoader: kind };
  }
  return {};
}

async function guardedGrub(host: Host, answer: Answer<FileContent>, sources: string[]): Promise<boolean | undefined> {
  if (answer.status !== 'observed' || answer.value.truncated || !answer.value.text.includes('menuentry'))
    return undefined;
  const { text } = answer.value;
  if (!/^[ \t]*set superusers=["']?\S/m.test(text)) return false;
  if (/^[ \t]*password(?:_pbkdf2)?\s+\S+\s+[^\s$]/m.test(text)) return true;
  // RHEL keeps the hash beside it, and asks only where there is one (grub2-setpassword(8)).
  for (const file of grubUserFiles) {
    const stat = await host.stat(file);
    sources.push(stat.source);
    if (stat.status === 'observed') return true;
    if (stat.status !== 'absent') return undefined;
  }
  return false;
}

/** Undefined where some file that could set it was not read. */
async function passwordForced(host: Host, sources: string[]): Promise<boolean | undefined> {
  const commandLine = await host.readFile('/proc/cmdline');
  sources.push(commandLine.source);
  let known = commandLine.status === 'observed' && !commandLine.value.truncated && commandLine.value.text.trim() !== '';
  let found = false;
  if (commandLine.status === 'observed' && opens(commandLine.value.text)) return false;
  for (const unit of units) {
    for (const folder of unitFolders) {
      const names = await host.list(`${folder}/${unit}.d`);
      sources.push(names.source);
      if (names.status !== 'observed' && names.status !== 'absent') known = false;
      const dropIns =
        names.status === 'observed'
          ? names.value.filter((name) => name.endsWith('.conf')).map((name) => `${folder}/${unit}.d/${name}`)
          : [];
      for (const file of [`${folder}/${unit}`, ...dropIns]) {
        const answer = await host.readFile(file);
        sources.push(answer.source);
        if (answer.status === 'absent') continue;
        if (answer.status !== 'observed' || answer.value.truncated) known = false;
        else if (opens(answer.value.text)) return false;
        else if (/sulogin/.test(answer.value.text)) found = true;
      }
    }
  }
  return known && found ? true : undefined;
}

/** A shell without sulogin before it, or sulogin told to open one where root's account is locked. */
function opens(text: string): boolean {
  return (
    /^[ \t]*Environment=.*SYSTEMD_SULOGIN_FORCE=["']?(?:1|y|yes|true|on)\b/im.test(text) ||
    /(?:^|\s)SYSTEMD_SULOGIN_FORCE=(?:1|y|yes|true|on)\b/i.test(text) ||
    /^[ \t]*ExecStart=[-+!@:]*\S*\/(?:ba|da|z)?sh\b(?!.*sulogin)/m.test(text) ||
    /(?:^|\s)(?:init|rdinit)=\S*\/(?:ba|da|z)?sh\b/.test(text)
  );
}
