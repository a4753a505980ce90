-- The dwellings of {source} that each identified right may name, by the RPLS number or by the bailleur's own.
select d.rang, p.ligne from droits_identifies d join {source} p on p.numero_rpls = d.numero
union all
select d.rang, p.ligne
from droits_identifies d
join {source} p on p.identifiant_interne = d.numero and (p.numero_rpls is null or p.numero_rpls <> d.numero)
