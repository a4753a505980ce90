-- Programmes whose rights in number pass their free dwellings in {source}, in the order of the register.
with libres as (
    select p.programme, count(*) as logements
    from {source} p
    left join identifies i on i.ligne = p.ligne
    where p.programme is not null and i.reservataire is null
    group by p.programme
),
demandes as (
    select d.programme, cast(sum(d.nombre) as bigint) as demandes, l.logements, min(d.rang) as premier
    from droits_nombres d
    join libres l on l.programme = d.programme
    group by d.programme, l.logements
)
select d.programme, d.demandes, d.logements
from demandes d
where d.demandes > d.logements
order by d.premier nulls last
