affiant_users
affiant_folders
# $1 counts the versions that will be there: 1 at the first installation.
if [ "$1" -eq 1 ]; then affiant_enable; fi
affiant_start
affiant_enrol
