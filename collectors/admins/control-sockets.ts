/** Sockets of managers that run as root and do what they are told: containers and virtual machines. */
import type { Host } from '../../agent/host/host.ts';
import type { ControlSocket, ControlSockets, Fact } from '../../schemas/generated/types.ts';
import { octalMode } from './octal-mode.ts';
import { looks, looksFact, noteLook } from './unread.ts';

const sockets: readonly (readonly [path: string, service: ControlSocket['service']])[] = [
  ['/run/docker.sock', 'docker'],
  ['/run/podman/podman.sock', 'podman'],
  ['/run/containerd/containerd.sock', 'containerd'],
  ['/run/k3s/containerd/containerd.sock', 'containerd'],
  ['/run/crio/crio.sock', 'cri-o'],
  ['/run/buildkit/buildkitd.sock', 'buildkit'],
  ['/var/lib/lxd/unix.socket', 'lxd'],
  ['/var/snap/lxd/common/lxd/unix.socket', 'lxd'],
  ['/var/lib/incus/unix.socket', 'incus'],
  ['/run/incus/unix.socket', 'incus'],
  ['/run/libvirt/libvirt-sock', 'libvirt'],
  ['/run/libvirt/virtqemud-sock', 'libvirt'],
  ['/run/libvirt/virtlxcd-sock', 'libvirt'],
];

/** A socket of a container's own process that is not one (a file in its place) does not count. */
export async function readControlSockets(host: Host): Promise<Fact<ControlSockets>> {
  const seen = looks<ControlSocket>();
  for (const [path, service] of sockets) {
    const about = noteLook(seen, path, await host.stat(path));
    if (about?.type === 'socket')
      seen.found.push({ path, service, mode: octalMode(about.mode), uid: about.uid, gid: about.gid });
  }
  return looksFact(seen, ({ found, unread }) => ({ sockets: found, unread }));
}
