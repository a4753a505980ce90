-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- One row a vacance attributed in the period: what its lease, else its decision or its imputation, says of the
-- household. View: faits. Parameters: first and last day of the period, in days since 1970, three times.
with faites as (
    select
        vacance,
        max(logement) as logement,
        min(case when type = 'bail_signe' then jour end) as bail,
        min(
            case
                when type = 'imputation' then jour
                when type = 'decision_caleol' and (
                    contains(donnees, '"decision":"attribution') or contains(donnees, '"decision":"condition_suspensive"')
                ) then jour
            end
        ) as decision,
        max(case when type = 'bail_signe' then regexp_extract(donnees, '"menage":([{][^}]*[}])', 1) end) as du_bail,
        max(
            case when type in ('decision_caleol', 'imputation') then regexp_extract(donnees, '"menage":([{][^}]*[}])', 1) end
        ) as de_la_decision
    from faits
    group by vacance
)
select
    vacance,
    logement,
    coalesce(decision, bail) as attribution,
    case when bail between ? and ? then bail end as bail,
    case when coalesce(du_bail, '') <> '' then du_bail else coalesce(de_la_decision, '') end as menage
from faites
where coalesce(decision, bail) between ? and ? or bail between ? and ?
order by vacance
