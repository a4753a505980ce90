-- État des lieux from the register of rights: identified dwellings, then numbers held in a programme.
-- A number's dwellings are not known one by one: an axis has a value only where the whole programme shares it.
with programmes_en_nombre as (
    select n.programme, sum(n.nombre) as nombre from nombres n group by n.programme
),
groupes as (
    select {axes_groupes}d.programme as programme_en_nombre, count(*) as logements
    from {source} p
    left join identifies i on i.ligne = p.ligne
    left join programmes_en_nombre d on d.programme = p.programme
    where i.ligne is null
    group by {axes_groupes}d.programme
),
libres as (
    select g.programme_en_nombre, sum(g.logements) as logements{axes_communs}
    from groupes g
    where g.programme_en_nombre is not null
    group by g.programme_en_nombre
),
lignes as (
    select {axes_groupes}i.reservataire, i.conteste, 1 as logements
    from {source} p
    join identifies i on i.ligne = p.ligne
    union all
    -- Brought to zero, not left out by a condition on the programme, which DuckDB would test on every dwelling.
    select {axes_connus}'non_reserve' as reservataire, false as conteste,
        case when g.programme_en_nombre is null then g.logements else 0 end as logements
    from groupes g
    union all
    select {axes_libres}n.reservataire, n.conteste, n.nombre as logements
    from libres l
    join nombres n on n.programme = l.programme_en_nombre
    union all
    select {axes_libres}'non_reserve' as reservataire, false as conteste, l.logements - d.nombre as logements
    from libres l
    join programmes_en_nombre d on d.programme = l.programme_en_nombre
)
select {axes_finaux}, cast(sum(logements) as bigint) as logements
from lignes
where logements > 0
group by {axes_finaux}
