-- Each identified right on its dwelling: the first right of the register for a dwelling.
-- A number shared by two dwellings is that of the first of the file.
with situes as (
    select s.rang, min(s.ligne) as ligne from droits_situes s where s.ligne is not null group by s.rang
),
premiers as (
    select s.ligne, min(s.rang) as rang from situes s group by s.ligne
)
select r.ligne, d.reservataire, d.conteste
from premiers r
join droits_situes d on d.rang = r.rang and d.ligne = r.ligne
