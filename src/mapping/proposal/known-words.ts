/**
 * Words that heads of columns have for the fields of standard objects, and the fields that may be meant, in the order in which an
 * object is asked for them. English and German: those of the files that this was made for.
 */
export const knownWords: Readonly<Record<string, readonly string[]>> = {
  ...alike(['LastName'], 'surname', 'familyname', 'nachname', 'familienname', 'zuname'),
  ...alike(['FirstName'], 'forename', 'givenname', 'vorname'),
  ...alike(['Salutation'], 'anrede'),
  ...alike(['Company', 'Name'], 'firma', 'firmenname', 'unternehmen', 'organisation', 'companyname', 'customername'),
  ...alike(['Phone'], 'telefon', 'telephone', 'tel', 'telefonnummer', 'phonenumber'),
  ...alike(['MobilePhone'], 'mobil', 'handy', 'mobile', 'cellphone', 'mobiltelefon'),
  ...alike(['Fax'], 'telefax', 'faxnummer'),
  ...alike(['Email'], 'email', 'mail', 'emailadresse', 'emailaddress'),
  ...alike(['Website'], 'homepage', 'webseite', 'url', 'internet'),
  ...alike(['Street', 'MailingStreet', 'BillingStreet'], 'strasse', 'street', 'adresse', 'address'),
  ...alike(
    ['PostalCode', 'MailingPostalCode', 'BillingPostalCode'],
    'plz',
    'postleitzahl',
    'zip',
    'zipcode',
    'postcode',
  ),
  ...alike(['City', 'MailingCity', 'BillingCity'], 'ort', 'stadt', 'city', 'town'),
  ...alike(['State', 'MailingState', 'BillingState'], 'bundesland', 'state', 'province'),
  ...alike(['Country', 'MailingCountry', 'BillingCountry'], 'land', 'country'),
  ...alike(['AnnualRevenue', 'Amount'], 'umsatz', 'jahresumsatz', 'revenue', 'turnover', 'betrag'),
  ...alike(['NumberOfEmployees'], 'mitarbeiter', 'mitarbeiterzahl', 'employees', 'headcount'),
  ...alike(['Industry'], 'branche', 'sector'),
  ...alike(['Birthdate'], 'geburtstag', 'geburtsdatum', 'birthday', 'dateofbirth', 'dob'),
  ...alike(['Description'], 'beschreibung', 'bemerkung', 'notiz', 'kommentar', 'comment', 'notes', 'remarks'),
  ...alike(['Department'], 'abteilung'),
  ...alike(['Title'], 'position', 'funktion', 'jobtitle'),
  ...alike(['LeadSource'], 'herkunft', 'quelle', 'source'),
  ...alike(['CloseDate'], 'abschlussdatum', 'closingdate'),
  ...alike(['StageName'], 'phase', 'stage'),
}

/** A head without accents, spaces, signs and capital letters: `Straße Nr.` is `strassenr`. */
export function bareWord(text: string): string {
  return text
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
}

function alike(fields: readonly string[], ...words: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(words.map((word) => [word, fields]))
}
