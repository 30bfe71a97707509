/** Agents that act as root for somebody outside: whoever commands the other end is an administrator here. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, OutOfBandAgent, OutOfBandAgents } from '../../schemas/generated/types.ts';
import { looks, looksFact, noteLook } from './unread.ts';

/** Where their makers' packages put them. */
const agents: readonly (readonly [id: string, ...paths: string[]])[] = [
  ['azure-linux-agent', '/usr/sbin/waagent', '/usr/bin/waagent'],
  ['azure-arc-agent', '/opt/azcmagent/bin/azcmagent', '/usr/bin/azcmagent'],
  ['google-guest-agent', '/usr/bin/google_guest_agent', '/usr/bin/google_guest_agent_manager'],
  ['google-os-config-agent', '/usr/bin/google_osconfig_agent'],
  ['amazon-ssm-agent', '/usr/bin/amazon-ssm-agent', '/snap/amazon-ssm-agent/current/amazon-ssm-agent'],
  [
    'ec2-instance-connect',
    '/opt/aws/bin/eic_run_authorized_keys',
    '/usr/share/ec2-instance-connect/eic_run_authorized_keys',
  ],
  ['oracle-cloud-agent', '/snap/oracle-cloud-agent/current/agent', '/usr/libexec/oracle-cloud-agent/agent'],
  ['cloud-init', '/usr/bin/cloud-init'],
  ['qemu-guest-agent', '/usr/sbin/qemu-ga', '/usr/bin/qemu-ga'],
  ['vmware-tools', '/usr/bin/vmtoolsd'],
  ['salt-minion', '/usr/bin/salt-minion', '/opt/saltstack/salt/salt-minion'],
  ['puppet-agent', '/opt/puppetlabs/bin/puppet', '/usr/bin/puppet'],
  ['chef-client', '/opt/chef/bin/chef-client', '/usr/bin/chef-client'],
  ['teleport', '/usr/local/bin/teleport', '/usr/bin/teleport', '/opt/teleport/default/bin/teleport'],
];

export async function readOutOfBandAgents(host: Host): Promise<Fact<OutOfBandAgents>> {
  const seen = looks<OutOfBandAgent>();
  for (const [id, ...paths] of agents)
    for (const path of paths) {
      if (noteLook(seen, path, await host.stat(path)) === undefined) continue;
      seen.found.push({ id, path });
      break;
    }
  return looksFact(seen, ({ found, unread }) => ({ agents: found, unread }));
}
