-- What is edited while there is no network: one lead is new, two are changed, one is deleted.
INSERT INTO Lead (FirstName, LastName, Company) VALUES ('Barbara', 'Liskov', 'MIT');
UPDATE Lead SET Title = 'Rear Admiral' WHERE LastName = 'Hopper';
UPDATE Lead SET Title = 'Countess of Lovelace' WHERE LastName = 'Lovelace';
DELETE FROM Lead WHERE LastName = 'Dijkstra';
