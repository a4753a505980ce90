-- The dwellings of {source} by each number that may name them: the RPLS one, the bailleur's own.
select p.numero_rpls as numero, p.ligne from {source} p where p.numero_rpls is not null
union all
select p.identifiant_interne as numero, p.ligne
from {source} p
where p.identifiant_interne is not null and (p.numero_rpls is null or p.numero_rpls <> p.identifiant_interne)
