-- Each identified right with the dwellings its number may name, among those it is posed on; `perdu`: its number, when
-- it names none.
select d.rang, d.reservataire, d.conteste, n.ligne, case when n.ligne is null then d.numero end as perdu
from droits_identifies d
left join numeros n on n.numero = d.numero
