-- Libérations in a half-open period, by what the law reads of them; the dwelling's classes come from the parc.
-- A libération whose dwelling is not in the parc keeps its own commune, and has no class.
with periode as (
    select d.logement, d.motif, d.commune, cast(sum(d.depart) as bigint) as departs, cast(sum(d.entree) as bigint) as entrees
    from (
        select
            l.logement, l.motif, l.commune,
            case when l.date_liberation >= cast(? as date) and l.date_liberation < cast(? as date) then 1 else 0 end
                as depart,
            case when l.date_entree >= cast(? as date) and l.date_entree < cast(? as date) then 1 else 0 end as entree
        from liberations l
    ) d
    where d.depart + d.entree > 0
    group by d.logement, d.motif, d.commune
),
candidats as (
    select p.numero_rpls as numero, p.ligne, p.motifs, p.bailleur, p.commune, p.epci, p.departement
    from parc_entier p
    where p.numero_rpls in (select d.logement from periode d)
    union all
    select p.identifiant_interne as numero, p.ligne, p.motifs, p.bailleur, p.commune, p.epci, p.departement
    from parc_entier p
    where p.identifiant_interne in (select d.logement from periode d)
),
premiers as (
    select c.numero, min(c.ligne) as ligne from candidats c group by c.numero
),
retenus as (
    select distinct c.* from candidats c join premiers r on r.numero = c.numero and r.ligne = c.ligne
),
situees as (
    select
        d.motif, r.motifs, r.bailleur, coalesce(r.commune, d.commune) as commune, r.epci, r.departement,
        d.departs, d.entrees
    from periode d
    left join retenus r on r.numero = d.logement
)
select motif, motifs, {axes}, cast(sum(departs) as bigint) as departs, cast(sum(entrees) as bigint) as entrees
from situees
group by motif, motifs, {axes}
