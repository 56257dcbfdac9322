#!/bin/sh
# A nightly load for cron: loads the file of the day, goes on with it where it could not end, and tells by its exit code
# and its log what a person has to do.
#   15 2 * * *  nightly-load.sh Account /data/accounts.csv ERP_Id__c >> /var/log/sfbulk.log 2>&1
set -u
object=$1 file=$2 key=$3

sfbulk upsert "$object" "$file" -i "$key" --wait 120 --max-rejects 5% --progress plain
status=$?

# 5: not finished within the time, or a limit was reached. Nothing is sent twice, so it may be tried until it is done.
attempt=0
while [ "$status" -eq 5 ] && [ "$attempt" -lt 3 ]; do
  attempt=$((attempt + 1))
  sleep "${PAUSE:-600}"
  sfbulk resume --wait 120 --progress plain
  status=$?
done

case $status in
  0) echo "$object: all rows accepted" ;;
  3) echo "$object: some rows rejected, see ${file%.csv}.errors.csv" ;;
  4) echo "$object: could not log in: sfbulk login --check says why" ;;
  5) echo "$object: still not finished: sfbulk resume goes on with it" ;;
  *) echo "$object: failed with exit code $status" ;;
esac
exit "$status"
