/** Tools that pass over what they could not read: they end well, warn, and list the rest. Such a list must not pass for a whole one. */
import { withoutUserInfo } from './field-text.ts';

/** dnf and yum ignore a repository without metadata or a file that they may not read; apk and pacman an index that is not there. */
const passedOver =
  /ignoring this repo|failed to (?:synchronize|download|load)|cannot (?:open|find|prepare|download|retrieve)|permission denied|no such file|does not exist|not (?:be )?(?:opened|readable)|unable to (?:read|open)|opening .*: |Ignoring .*APKINDEX|could not open/i;

/** The first line of standard error that says so, for a person; undefined where there is none. */
export function passedOverBy(stderr: string): string | undefined {
  const line = stderr.split('\n').find((each) => passedOver.test(each));
  return line === undefined ? undefined : withoutUserInfo(line.trim()).slice(0, 200).toWellFormed();
}
