# Sleeps for longer than it may, so that a person can see that it is ended (doctor --deep).
Start-Sleep -Seconds 600
