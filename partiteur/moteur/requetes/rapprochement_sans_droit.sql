-- By programme and contingent, the dwellings the parc says reserved beyond the rights the register has there.
with au_parc as (
    select p.programme, p.contingent, count(*) as nombre
    from parc p
    join contingents_reserves k on k.contingent = p.contingent
    group by p.programme, p.contingent
),
au_registre as (
    select coalesce(l.programme_du_parc, l.programme) as programme, l.contingent_droit as contingent,
        cast(sum(l.nombre) as bigint) as nombre
    from rapprochees l
    where l.compte and l.trouve and l.premier and l.contingent_droit is not null
    group by coalesce(l.programme_du_parc, l.programme), l.contingent_droit
)
select a.programme, a.contingent, a.nombre as au_parc, coalesce(r.nombre, 0) as au_registre,
    a.nombre - coalesce(r.nombre, 0) as sans_droit
from au_parc a
left join au_registre r on r.programme is not distinct from a.programme and r.contingent = a.contingent
where a.nombre > coalesce(r.nombre, 0)
