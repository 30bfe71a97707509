# $1 counts the versions that will be there: 1 at the first installation. Cut off after the files, rpm counts the package
# as there and says 2 when it is installed again: this note tells rpm-post.sh that it never came to its end.
if [ "$1" -eq 1 ]; then mkdir -p /var/lib/rpm-state/affiant; fi
