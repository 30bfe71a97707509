# Operating system, machine and firmware as CIM tells them.
@{
  os = (Read-Part {
      Get-CimInstance -ClassName Win32_OperatingSystem -Namespace 'root/cimv2' | ForEach-Object {
        @{ version = [string]$_.Version; caption = [string]$_.Caption; lastBoot = (Format-Instant $_.LastBootUpTime); installed = (Format-Instant $_.InstallDate); productType = $_.ProductType; architecture = [string]$_.OSArchitecture }
      }
    })
  machine = (Read-Part {
      Get-CimInstance -ClassName Win32_ComputerSystem -Namespace 'root/cimv2' | ForEach-Object {
        @{ name = [string]$_.DNSHostName; domainRole = $_.DomainRole; domain = [string]$_.Domain; partOfDomain = $_.PartOfDomain; manufacturer = [string]$_.Manufacturer; model = [string]$_.Model; hypervisor = $_.HypervisorPresent }
      }
    })
  product = (Read-Part {
      Get-CimInstance -ClassName Win32_ComputerSystemProduct -Namespace 'root/cimv2' | ForEach-Object { @{ uuid = [string]$_.UUID } }
    })
  firmware = (Read-Part {
      Get-CimInstance -ClassName Win32_BIOS -Namespace 'root/cimv2' | ForEach-Object {
        @{ manufacturer = [string]$_.Manufacturer; version = [string]$_.SMBIOSBIOSVersion; released = (Format-Instant $_.ReleaseDate) }
      }
    })
}
