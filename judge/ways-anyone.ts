/** What makes root of anybody on the server, or of anybody who reaches it: no account, no group, no password. */
import { shownText } from './mfa/text.ts';
import { reachOfCapabilities, reachOfSetId } from './root-commands.ts';
import type { Admins } from './ways.ts';

export type Found = { readonly faults: string[]; readonly unknowns: string[] };

const othersMayWrite = /[2367]$/;
const groupMayWrite = /[2367].$/;
const setUserId = /^[4567]/;

export function waysOfAnyone(admins: Admins): Found {
  const found: Found = { faults: [], unknowns: [] };
  ofSockets(admins, found);
  ofPrograms(admins, found);
  ofJobs(admins, found);
  return found;
}

function ofSockets({ controlSockets, dockerListeners }: Admins, { faults }: Found): void {
  for (const { path, mode } of controlSockets.status === 'observed' ? controlSockets.value.sockets : [])
    if (othersMayWrite.test(mode)) faults.push(`anybody on the server becomes root through ${shownText(path)}`);
  for (const { address, port } of dockerListeners.status === 'observed' ? dockerListeners.value : []) {
    // 2376 is the port with TLS, which asks for a certificate.
    if (port !== 2375) continue;
    const local = /^127\.|^(?:0000:){7}0001$/.test(address);
    faults.push(`anybody ${local ? 'on the server' : 'who reaches it'} becomes root through port 2375 of ${address}`);
  }
}

function ofPrograms({ setIdFiles, fileCapabilities }: Admins, { faults, unknowns }: Found): void {
  for (const { path, mode, uid, gid, ownedByPackage } of setIdFiles.status === 'observed' ? setIdFiles.value : []) {
    const file = shownText(path);
    if (uid !== 0 || !setUserId.test(mode)) continue;
    if (othersMayWrite.test(mode)) faults.push(`anybody may write to ${file}, which runs as root`);
    else if (groupMayWrite.test(mode) && gid !== 0)
      faults.push(`group ${gid} may write to ${file}, which runs as root`);
    if (/[1357]$/.test(mode) && reachOfSetId(file) === 'yes')
      faults.push(`anybody on the server becomes root by ${file}, which runs as root`);
    else if (/[1357]$/.test(mode) && ownedByPackage === false)
      unknowns.push(`how far ${file} leads, which runs as root and which no package brought`);
  }
  for (const { path, capabilities } of fileCapabilities.status === 'observed' ? fileCapabilities.value : []) {
    const reach = reachOfCapabilities(shownText(path), shownText(capabilities));
    if (reach === 'yes')
      faults.push(`anybody on the server becomes root by ${shownText(path)} (${shownText(capabilities)})`);
    else if (reach === 'unknown') unknowns.push(`how far ${shownText(path)} leads with ${shownText(capabilities)}`);
  }
}

function ofJobs({ writableRootJobs, accounts }: Admins, { faults, unknowns }: Found): void {
  const known = new Set(accounts.status === 'observed' ? accounts.value.map(({ uid }) => uid) : []);
  for (const { definedIn, what, mode, uid, gid } of writableRootJobs.status === 'observed'
    ? writableRootJobs.value
    : []) {
    const thing = what === 'program' ? `a program that ${shownText(definedIn)} starts` : shownText(definedIn);
    if (othersMayWrite.test(mode)) faults.push(`anybody may write to ${thing}, which root runs`);
    else if (groupMayWrite.test(mode) && gid !== 0)
      unknowns.push(`who is in group ${gid}, which may write to ${thing}`);
    // Owners with an account have it as a way of their own.
    if (uid !== 0 && !known.has(uid))
      faults.push(`user id ${uid}, which no account has, owns ${thing}, which root runs`);
  }
}
