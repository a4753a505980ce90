-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- Candidates the commission accepted, by vacance and réservataire: that of the decision, else the one that designated
-- the candidate, else ''. View: faits. A decision that names several candidates counts each.
with decisions as (
    select
        vacance, reservataire, rang,
        regexp_extract(donnees, '"candidat":"([^"]*)"', 1) as candidat,
        regexp_extract(donnees, '"candidats":.((?:"[^"]*",?)*)', 1) as candidats
    from faits
    where type = 'decision_caleol'
        and (contains(donnees, '"decision":"attribution') or contains(donnees, '"decision":"condition_suspensive"'))
), acceptes as (
    select
        d.vacance,
        case
            when d.reservataire <> '' then d.reservataire
            else coalesce(max(case when q.reservataire <> '' then q.reservataire end), '')
        end as reservataire,
        d.candidat,
        d.candidats
    from decisions d
    left join faits q
        on d.reservataire = '' and q.vacance = d.vacance and q.type = 'designation'
        and d.candidat <> '' and contains(q.donnees, concat('"', d.candidat, '"'))
    group by d.vacance, d.reservataire, d.rang, d.candidat, d.candidats
)
select
    vacance,
    reservataire,
    cast(
        count(distinct case when candidats = '' then candidat end)
        + sum(case when candidats = '' then 0 else length(candidats) - length(replace(candidats, ',', '')) + 1 end)
        as bigint
    ) as nombre
from acceptes
group by vacance, reservataire
