-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- The decisions of the commission in the period, by dwelling, sitting, day, réservataire (that of the decision, else the
-- one that designated the candidate, else '') and kind. View: faits.
-- Parameters: first and last day of the period, in days since 1970.
with decisions as (
    select
        vacance, reservataire, jour, rang,
        regexp_extract(donnees, '"decision":"([a-z_]*)"', 1) as decision,
        regexp_extract(donnees, '"seance":"([^"]*)"', 1) as seance,
        regexp_extract(donnees, '"candidat":"([^"]*)"', 1) as candidat,
        regexp_extract(donnees, '"candidats":.((?:"[^"]*",?)*)', 1) as candidats
    from faits
    where type = 'decision_caleol' and jour between ? and ?
), imputees as (
    select
        d.vacance, d.rang, d.jour, d.decision, d.seance, d.candidats,
        case
            when d.reservataire <> '' then d.reservataire
            else coalesce(max(case when q.reservataire <> '' then q.reservataire end), '')
        end as reservataire
    from decisions d
    left join faits q
        on d.reservataire = '' and q.vacance = d.vacance and q.type = 'designation'
        and d.candidat <> '' and contains(q.donnees, concat('"', d.candidat, '"'))
    group by d.vacance, d.rang, d.jour, d.decision, d.seance, d.candidats, d.reservataire
)
select
    vacance, seance, jour, reservataire, decision,
    cast(
        sum(case when candidats = '' then 1 else length(candidats) - length(replace(candidats, ',', '')) + 1 end)
        as bigint
    ) as candidatures
from imputees
group by vacance, seance, jour, reservataire, decision
order by jour asc nulls last, seance asc nulls last, vacance asc nulls last, reservataire asc nulls last, decision asc nulls last
