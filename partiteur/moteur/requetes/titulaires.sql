-- Each réservataire of the register: its type, and the counterpart of most of its rights (the first in the alphabet if tied).
with comptes as (
    select d.reservataire, d.type, d.contrepartie, cast(sum(d.nombre) as bigint) as nombre
    from droits d
    group by d.reservataire, d.type, d.contrepartie
),
rangs as (
    select c.*, row_number() over (
        partition by c.reservataire order by c.nombre desc nulls last, c.type nulls last, c.contrepartie nulls last
    ) as rang
    from comptes c
)
select r.reservataire, r.type, r.contrepartie from rangs r where r.rang = 1
