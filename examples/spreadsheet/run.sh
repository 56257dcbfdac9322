# A spreadsheet as it was saved: semicolons, windows-1252, German dates, numbers and words. `map` says how to read it.
cd "$(dirname "$0")" || exit 1
sfbulk map Invoice__c invoices.csv --encoding windows-1252 -o local -q > invoices.yaml
fields="Invoice_Number__c, Issued_On__c, Due_On__c, Amount__c, Tax_Rate__c, Paid__c, Billing_Email__c, Notes__c"
sfbulk upsert Invoice__c invoices.csv --encoding windows-1252 -i Invoice_Number__c -o local --mapping invoices.yaml -q
sfbulk query "SELECT $fields FROM Invoice__c ORDER BY Invoice_Number__c" -o local --output result.csv -q
# The same saved as "CSV UTF-8", which begins with a byte order mark: nothing changes.
sfbulk upsert Invoice__c invoices-utf8.csv -i Invoice_Number__c -o local --mapping invoices.yaml -q
sfbulk query "SELECT $fields FROM Invoice__c ORDER BY Invoice_Number__c" -o local --output result-utf8.csv -q
