# Whether this machine stands alone, is a member of a domain, or is a domain controller.
$system = Get-CimInstance -Namespace 'root/cimv2' -ClassName Win32_ComputerSystem
@{ Name = [string]$system.Name; Domain = [string]$system.Domain; DomainRole = $system.DomainRole }
