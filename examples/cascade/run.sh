# Accounts first; then contacts, joined with the accounts that were accepted.
cd "$(dirname "$0")" || exit 1
sfbulk insert Account accounts.csv -o local --mapping accounts.yaml -q
sfbulk insert Contact contacts.csv -o local --mapping contacts.yaml -q
sfbulk query "SELECT LastName, Email, Account.Name FROM Contact ORDER BY Email" -o local --output result.csv -q
