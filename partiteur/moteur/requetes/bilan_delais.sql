-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- How many times each delay took so many days, by réservataire ('' for what is of the vacance). View: faits.
-- A delay that ends before it begins is not one; it belongs to the period its end is in.
-- Parameters: first and last day of the period, in days since 1970.
with vacances as (
    select
        vacance,
        min(case when type in ('vacance_ouverte', 'conge_recu') then jour end) as ouverture,
        min(case when type in ('orientation', 'imputation') then jour end) as orientation,
        min(case when type = 'bail_signe' then jour end) as bail
    from faits
    group by vacance
), offres as (
    select
        vacance,
        reservataire,
        min(case when type = 'mise_a_disposition' then jour end) as offerte,
        min(case when type in ('validation', 'declinaison', 'designation', 'delai_expire') then jour end) as reponse,
        min(case when type = 'designation' then jour end) as designation,
        min(case when type = 'bail_signe' then jour end) as bail
    from faits
    where reservataire <> ''
    group by vacance, reservataire
), decisions as (
    select o.vacance, o.reservataire, min(d.jour) as decision
    from offres o
    join faits d on d.vacance = o.vacance and d.type = 'decision_caleol' and d.jour >= o.designation
    group by o.vacance, o.reservataire
), delais as (
    select 'ouverture_orientation' as delai, '' as reservataire, ouverture as debut, orientation as fin from vacances
    union all
    select 'ouverture_bail', '', ouverture, bail from vacances
    union all
    select 'orientation_mise_a_disposition', o.reservataire, v.orientation, o.offerte
    from offres o join vacances v on v.vacance = o.vacance
    union all
    select 'mise_a_disposition_reponse', reservataire, offerte, reponse from offres
    union all
    select 'reponse_caleol', o.reservataire, o.designation, d.decision
    from offres o join decisions d on d.vacance = o.vacance and d.reservataire = o.reservataire
    union all
    select 'caleol_bail', o.reservataire, d.decision, o.bail
    from offres o join decisions d on d.vacance = o.vacance and d.reservataire = o.reservataire
)
select delai, reservataire, fin - debut as jours, count(*) as nombre
from delais
where fin >= debut and fin between ? and ?
group by delai, reservataire, fin - debut
