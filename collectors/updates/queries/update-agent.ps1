# The Windows Update Agent about itself: when it last asked and installed, whom it asks, whether it wants a restart.
@{
  results = (Read-Part {
      $automatic = New-Object -ComObject 'Microsoft.Update.AutoUpdate'
      $searched = $automatic.Results.LastSearchSuccessDate
      $installed = $automatic.Results.LastInstallationSuccessDate
      # Both are UTC and do not say so; before a first time they are empty.
      if ($searched -is [datetime]) { $searched = $searched.ToString('yyyy-MM-ddTHH:mm:ss', [cultureinfo]::InvariantCulture) + 'Z' }
      if ($installed -is [datetime]) { $installed = $installed.ToString('yyyy-MM-ddTHH:mm:ss', [cultureinfo]::InvariantCulture) + 'Z' }
      @{ searched = [string]$searched; installed = [string]$installed; enabled = $automatic.ServiceEnabled }
    })
  services = (Read-Part {
      $manager = New-Object -ComObject 'Microsoft.Update.ServiceManager'
      @(foreach ($service in $manager.Services) {
          @{ id = [string]$service.ServiceID; name = [string]$service.Name; isDefault = $service.IsDefaultAUService; isManaged = $service.IsManaged; isRegistered = $service.IsRegisteredWithAU }
        })
    })
  rebootRequired = (Read-Part { (New-Object -ComObject 'Microsoft.Update.SystemInfo').RebootRequired })
}
