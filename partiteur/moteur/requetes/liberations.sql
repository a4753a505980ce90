-- Libérations in a half-open period, by what the law reads of them; the dwelling's classes come from the parc.
-- The dwelling is named by its RPLS number, which no other has, or by the bailleur's own: the first of the file if several.
-- A libération whose dwelling is not in the parc keeps its own commune, and has no class.
with datees as (
    select
        l.logement, l.motif, l.commune,
        case when l.date_liberation >= cast(? as date) and l.date_liberation < cast(? as date) then 1 else 0 end as depart,
        case when l.date_entree >= cast(? as date) and l.date_entree < cast(? as date) then 1 else 0 end as entree
    from liberations l
),
periode as (
    select d.* from datees d where d.depart + d.entree > 0
),
internes as (
    select p.identifiant_interne as numero, min(p.ligne) as ligne
    from parc_entier p
    where p.identifiant_interne is not null
    group by p.identifiant_interne
),
par_interne as (
    select i.numero, p.ligne, p.motifs, p.bailleur, p.commune, p.epci, p.departement
    from internes i
    join parc_entier p on p.ligne = i.ligne and p.identifiant_interne = i.numero
),
situees as (
    select
        d.motif, d.depart, d.entree,
        case when i.ligne is null then p.motifs else i.motifs end as motifs,
        case when i.ligne is null then p.bailleur else i.bailleur end as bailleur,
        coalesce(case when i.ligne is null then p.commune else i.commune end, d.commune) as commune,
        case when i.ligne is null then p.epci else i.epci end as epci,
        case when i.ligne is null then p.departement else i.departement end as departement
    from periode d
    left join parc_entier p on p.numero_rpls = d.logement
    left join par_interne i on i.numero = d.logement and (p.ligne is null or i.ligne < p.ligne)
)
select motif, motifs, {axes}, cast(sum(depart) as bigint) as departs, cast(sum(entree) as bigint) as entrees
from situees
group by motif, motifs, {axes}
