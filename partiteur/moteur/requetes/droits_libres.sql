-- The dwellings of each programme in {source} that no identified right holds.
select p.programme, count(*) as logements
from {source} p
left join identifies i on i.ligne = p.ligne
where p.programme is not null and i.reservataire is null
group by p.programme
