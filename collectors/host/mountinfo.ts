/** proc_pid_mountinfo(5): what lies under `/`. */

/**
 * Whether `/` is the whole of a file system on a block device, as a machine has it and a container
 * (overlay, or a folder of the host's) does not. Undefined where no line speaks of `/`.
 */
export function rootIsWholeDevice(text: string): boolean | undefined {
  let answer: boolean | undefined;
  for (const line of text.split('\n')) {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [, , , root, point] = mount.split(' ');
    const [, source = ''] = filesystem.split(' ');
    // The last one mounted there covers the others. Docker's old devicemapper driver gives each container a device.
    if (point === '/') answer = root === '/' && source.startsWith('/dev/') && !source.startsWith('/dev/mapper/docker-');
  }
  return answer;
}
