# Win32_SystemDriver: drivers of the kernel and of file systems.
@(Get-CimInstance -Namespace 'root/cimv2' -ClassName Win32_SystemDriver | ForEach-Object {
    @{ Name = $_.Name; State = $_.State; StartMode = $_.StartMode; PathName = $_.PathName }
  })
