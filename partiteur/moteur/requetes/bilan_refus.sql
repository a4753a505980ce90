-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- Refusals of a candidate in the period, each with the réservataire that had it designated. View: faits.
-- Parameters: first and last day of the period, in days since 1970.
with refus as (
    select
        vacance, rang, jour, reservataire, auteur, motif,
        regexp_extract(donnees, '"proposition":"([a-z]*)"', 1) as proposition,
        case when contains(donnees, '"reponse":"sans_reponse"') then 'silence' else 'refus' end as reponse
    from faits
    where type = 'reponse_candidat' and not contains(donnees, '"reponse":"accepte"') and jour between ? and ?
), designations as (
    select
        r.vacance, r.rang, d.reservataire,
        row_number() over (
            partition by r.vacance, r.rang order by d.jour desc nulls last, d.rang desc nulls last
        ) as ordre
    from refus r
    join faits d on d.vacance = r.vacance and d.type = 'designation' and d.jour <= r.jour
)
select
    r.vacance,
    case when r.reservataire <> '' then r.reservataire else coalesce(d.reservataire, '') end as reservataire,
    r.jour, r.auteur, r.motif, r.proposition, r.reponse
from refus r
left join designations d on d.vacance = r.vacance and d.rang = r.rang and d.ordre = 1
order by r.jour asc nulls last, r.rang asc nulls last
