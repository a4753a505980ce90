-- Programmes whose rights in number pass their free dwellings, and the first of these rights in the register.
with demandes as (
    select d.programme, cast(sum(d.nombre) as bigint) as demandes, l.logements, min(d.rang) as premier
    from droits_nombres d
    join libres l on l.programme = d.programme
    group by d.programme, l.logements
)
select d.programme, d.demandes, d.logements, d.premier
from demandes d
where d.demandes > d.logements
