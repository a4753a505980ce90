-- On DuckDB alone: what events hold is JSON text, looked into with its quotes.
-- The days spent after each kind of event until the next one of its vacance, or the last day of the period, inside the
-- period. View: faits. Parameters: the day after the last, the first day, the day after the last, in days since 1970.
-- A lease, a close or a congé withdrawn ends the vacance.
with suites as (
    select
        case
            when type = 'decision_caleol' then
                case
                    when contains(donnees, '"decision":"attribution') or contains(donnees, '"decision":"condition_suspensive"')
                    then 'attribution' else 'non_attribution'
                end
            when type = 'reponse_candidat' then
                case when contains(donnees, '"reponse":"accepte"') then 'accepte' else 'refuse' end
            else type
        end as evenement,
        jour,
        lead(jour, 1, ?) over (partition by vacance order by jour asc nulls last, rang asc nulls last) as suivant,
        min(case when type in ('bail_signe', 'vacance_close', 'conge_retracte') then jour end)
            over (partition by vacance) as fin
    from faits
)
select
    evenement,
    cast(sum(greatest(least(suivant, ?) - greatest(jour, ?), 0)) as bigint) as jours
from suites
where evenement not in ('bail_signe', 'vacance_close', 'conge_retracte', 'reprise', 'rectification')
    and (fin is null or jour <= fin)
group by evenement
