-- Libérations in a half-open period, by what the law reads of them; the dwelling's classes come from the parc.
-- A libération whose dwelling is not in the parc keeps its own commune, and has no class.
with candidats as (
    select p.numero_rpls as numero, p.ligne, p.motifs, p.bailleur, p.commune, p.epci, p.departement
    from parc_entier p
    where p.numero_rpls in (select l.logement from liberations l)
    union all
    select p.identifiant_interne as numero, p.ligne, p.motifs, p.bailleur, p.commune, p.epci, p.departement
    from parc_entier p
    where p.identifiant_interne in (select l.logement from liberations l)
),
rangs as (
    select c.*, row_number() over (partition by c.numero order by c.ligne nulls last) as rang
    from candidats c
),
periode as (
    select
        l.motif, r.motifs, r.bailleur, coalesce(r.commune, l.commune) as commune, r.epci, r.departement,
        case when l.date_liberation >= cast(? as date) and l.date_liberation < cast(? as date) then 1 else 0 end as depart,
        case when l.date_entree >= cast(? as date) and l.date_entree < cast(? as date) then 1 else 0 end as entree
    from liberations l
    left join rangs r on r.numero = l.logement and r.rang = 1
)
select
    motif, motifs, {axes}, cast(sum(depart) as bigint) as departs, cast(sum(entree) as bigint) as entrees
from periode
where depart + entree > 0
group by motif, motifs, {axes}
