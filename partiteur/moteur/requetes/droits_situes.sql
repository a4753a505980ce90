-- Each identified right with the dwellings of {source} its number may name, the RPLS one or the bailleur's own;
-- `perdu`: its number, when it names none.
select d.rang, d.reservataire, d.conteste, p.ligne, case when p.ligne is null then d.numero end as perdu
from droits_identifies d
left join (
    select p.numero_rpls as numero, p.ligne from {source} p where p.numero_rpls is not null
    union all
    select p.identifiant_interne as numero, p.ligne
    from {source} p
    where p.identifiant_interne is not null and (p.numero_rpls is null or p.numero_rpls <> p.identifiant_interne)
) p on p.numero = d.numero
