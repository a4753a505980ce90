-- Numbers held in a programme, in the order of the register, until its free dwellings are all taken.
with demandes as (
    select
        d.programme, d.reservataire, d.conteste, d.nombre, l.logements,
        cast(sum(d.nombre) over (
            partition by d.programme order by d.rang nulls last rows between unbounded preceding and current row
        ) as bigint) as cumul
    from droits_nombres d
    join libres l on l.programme = d.programme
),
retenus as (
    select
        d.programme, d.reservataire, d.conteste,
        case
            when d.cumul <= d.logements then d.nombre
            when d.cumul - d.nombre < d.logements then d.logements - d.cumul + d.nombre
            else 0
        end as nombre
    from demandes d
)
select r.programme, r.reservataire, r.conteste, cast(sum(r.nombre) as bigint) as nombre
from retenus r
where r.nombre > 0
group by r.programme, r.reservataire, r.conteste
