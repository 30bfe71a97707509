/** Marks of fanotify in /proc/PID/fdinfo/N (proc_pid_fdinfo(5)): they prove that a scanner really sits in the way of files. */

export type FanotifyMarks = { readonly marks: number; readonly blocking: boolean };

/** FAN_OPEN_PERM, FAN_ACCESS_PERM, FAN_OPEN_EXEC_PERM of linux/fanotify.h: events that wait for an answer. */
const permissionEvents = 0x1_0000 | 0x2_0000 | 0x4_0000;

/** Undefined for a descriptor that is no fanotify group. */
export function parseFanotify(text: string): FanotifyMarks | undefined {
  if (!/^fanotify flags:/m.test(text)) return undefined;
  let marks = 0;
  let blocking = false;
  for (const match of text.matchAll(/^fanotify (?:ino|mnt_id|sdev):[^\n]*? mask:([0-9a-f]{1,8})\b/gm)) {
    marks += 1;
    if ((Number.parseInt(match[1] ?? '0', 16) & permissionEvents) !== 0) blocking = true;
  }
  return { marks, blocking };
}
