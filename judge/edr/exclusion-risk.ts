/** Which exclusions defeat detection: by their class, never by their path, which a document does not hold. */
import type { PathClass, ProtectionExclusion } from '../../schemas/generated/types.ts';

export type ExclusionRisk = { readonly risky: boolean; readonly why?: string };

/** Where malware lands or runs from, and what is everything. */
const riskyPlaces: Readonly<Partial<Record<PathClass, string>>> = {
  'whole-system': 'the whole system',
  'wildcard-only': 'nothing but wildcards',
  'system-folder': 'a folder of the system',
  'shared-folder': 'a folder that holds those of many programs or people',
  'temporary-folder': 'a folder for temporary files, to which everyone can write',
  home: 'all home folders',
  'web-root': 'a folder that the web server gives out, where web shells land',
  'web-application': 'a folder of a web application, where web shells land',
  'exchange-frontend-auth': 'the folder of Exchange where web shells land',
  'iis-temporary': 'a folder whose exclusion Microsoft withdrew on 23 February 2023',
  'iis-system': 'a folder whose exclusion Microsoft withdrew on 23 February 2023',
};

/**
 * Extensions of programs and scripts; a file of any of them runs. Those of Windows that Microsoft says to leave out
 * never are all among them (learn.microsoft.com, "Common mistakes to avoid when defining exclusions").
 */
const riskyExtensions = new Set(
  'exe dll sys com scr pif cpl ocx ps1 psm1 bat cmd vb vbs vbe js jse wsf hta msi inf job reg url java aspx asp ashx asmx php phtml jsp jspx war jar py pyc pl rb sh so elf ko cgi bin run'.split(
    ' ',
  ),
);

/** What programs are carried in or first laid down as; from the same list. Its pictures it leaves to who keeps up to date. */
const carryingExtensions = new Set('7z cab gz ko.gz rar tar tmp zip'.split(' '));

/** Programs of Windows that attacks make use of, from the same list: what they open or load is left out with them. */
const misusedPrograms = new Set(
  'acrord32.exe addinprocess.exe addinprocess32.exe addinutil.exe bginfo.exe cdb.exe csi.exe dbghost.exe dbgsvc.exe dnx.exe dotnet.exe excel.exe fsi.exe fsianycpu.exe iexplore.exe kd.exe lxssmanager.dll ntkd.exe ntsd.exe outlook.exe powerpnt.exe rcsi.exe schtasks.exe system.management.automation.dll windbg.exe winword.exe wuauclt.exe'.split(
    ' ',
  ),
);

/** Interpreters and shells: whatever they are told to run is left out with them. */
const riskyPrograms =
  /^(?:(?:powershell(?:_ise)?|pwsh|cmd|wscript|cscript|mshta|rundll32|regsvr32|w3wp|msbuild|installutil|certutil|bitsadmin|msiexec|wmic|wmiprvse|wsl|svchost|explorer|python[0-9.]*w?|perl|ruby|php(?:-cgi)?|node|javaw?|curl|bash|psexec|nginx|httpd)(?:\.exe)?|(?:ba|da|z|k)?sh|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|php(?:-fpm)?[0-9.]*|node|java|curl|wget|nc|ncat|socat|sshd|httpd|apache2|nginx)$/i;

/** What is not known to be harmless by its class counts as seen, not as risky: the class `other` is neither. */
export function exclusionRisk({ kind, pathClass, name, wildcard }: ProtectionExclusion): ExclusionRisk {
  if (kind === 'extension') {
    if (name === undefined) return wildcard === true ? risk('every extension') : { risky: false };
    const lower = name.toLowerCase();
    if (carryingExtensions.has(lower)) return risk(`the extension ${name}, in which programs come`);
    return riskyExtensions.has(lower) ? risk(`the extension ${name}, files of which run`) : { risky: false };
  }
  if (kind === 'account') return name === 'root' ? risk('everything that root does') : { risky: false };
  if (kind === 'process' && name !== undefined && (riskyPrograms.test(name) || misusedPrograms.has(name.toLowerCase())))
    return risk(`the program ${name}, and all that it is told to run`);
  if (kind === 'path' || kind === 'mount' || kind === 'process') {
    // A program with its full path in a system folder is one program, not the folder.
    if (kind === 'process' && (pathClass === 'system-folder' || pathClass === 'program-folder'))
      return { risky: false };
    const why = pathClass === undefined ? undefined : riskyPlaces[pathClass];
    return why === undefined ? { risky: false } : risk(why);
  }
  return { risky: false };
}

function risk(why: string): ExclusionRisk {
  return { risky: true, why };
}
