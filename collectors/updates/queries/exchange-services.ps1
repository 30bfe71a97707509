# Services of Exchange, and those of Windows that it needs.
@(Get-CimInstance -ClassName Win32_Service -Namespace 'root/cimv2' -Filter "Name LIKE 'MSExchange%' OR Name='W3SVC' OR Name='WAS' OR Name='IISADMIN' OR Name='HostControllerService' OR Name='FMS' OR Name='pla' OR Name='RemoteRegistry'" | ForEach-Object {
    @{ name = [string]$_.Name; start = [string]$_.StartMode; state = [string]$_.State }
  })
