# A mapping of Data Loader as it stands: constants, several targets, escapes, a parent by external ID.
cd "$(dirname "$0")" || exit 1
sfbulk upsert Account accounts.csv -i ERP_Id__c -o local --mapping process.sdl -q
sfbulk upsert Account branches.csv -i ERP_Id__c -o local --mapping process.sdl -q
fields="ERP_Id__c, Name, BillingCity, ShippingCity, ShippingCountry, AnnualRevenue, Parent.Name"
sfbulk query "SELECT $fields FROM Account ORDER BY ERP_Id__c" -o local --output result.csv -q
