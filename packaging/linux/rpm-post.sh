affiant_users
affiant_folders
# $1 and the note: rpm-pre.sh.
if [ "$1" -eq 1 ] || [ -d /var/lib/rpm-state/affiant ]; then affiant_enable; fi
affiant_start
affiant_enrol
rm -rf /var/lib/rpm-state/affiant
affiant_forget_halves
