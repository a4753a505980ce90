-- Dwellings and libérations of a half-open period by département, holder of the right and classes.
-- A libération counts for the dwelling it names; one whose dwelling is not in the parc has no département and is left out.
with numeros as (
    select numero, min(ligne) as ligne
    from (
        select numero_rpls as numero, ligne from parc where numero_rpls is not null
        union all
        select identifiant_interne as numero, ligne from parc where identifiant_interne is not null
    ) connus
    group by numero
),
evenements as (
    select
        n.ligne, l.motif,
        case when l.date_liberation >= cast(? as date) and l.date_liberation < cast(? as date) then 1 else 0 end as depart,
        case when l.date_entree >= cast(? as date) and l.date_entree < cast(? as date) then 1 else 0 end as entree
    from liberations l
    join numeros n on n.numero = l.logement
),
situes as (
    select p.ligne, p.departement, p.motifs, {titulaire} as titulaire
    from parc p
    left join titulaires t on t.ligne = p.ligne
)
select s.departement, s.titulaire, s.motifs, null as motif, count(*) as logements,
    cast(0 as bigint) as departs, cast(0 as bigint) as entrees
from situes s
group by s.departement, s.titulaire, s.motifs
union all
select s.departement, s.titulaire, s.motifs, e.motif, cast(0 as bigint) as logements,
    cast(sum(e.depart) as bigint) as departs, cast(sum(e.entree) as bigint) as entrees
from evenements e
join situes s on s.ligne = e.ligne
where e.depart + e.entree > 0
group by s.departement, s.titulaire, s.motifs, e.motif
