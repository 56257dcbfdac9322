# Parents in the same file: all records first, then their parents.
cd "$(dirname "$0")" || exit 1
sfbulk upsert Account firms.csv -i ERP_Id__c -o local --mapping first.yaml -q
sfbulk upsert Account firms.csv -i ERP_Id__c -o local --mapping second.yaml -q --success none
sfbulk query "SELECT ERP_Id__c, Name, Parent.Name FROM Account ORDER BY ERP_Id__c" -o local --output result.csv -q
