-- One row a vacance: its events end to end, as coarse as what the décompte reads of them, and their dates, in order.
-- Parameters: first and last day of the period. {limite}: keeps the events known on a date; {histoire}, {dates}: the
-- ordered aggregations of the engine. Of an opening, only the QPV and whether it is a first letting matter.
with lus as (
    select
        vacance,
        rang,
        type,
        date_effet,
        case when date_effet < ? then '<' when date_effet > ? then '>' else '=' end as quand,
        motif,
        case
            when reservataire <> '' then reservataire
            when contains(donnees, '"destination":"reservataire:') then
                regexp_extract(donnees, '"destination":"reservataire:([^"]*)"', 1)
            else ''
        end as qui,
        case
            when donnees = '{}' or type = 'inscription_caleol' then ''
            when type in ('vacance_ouverte', 'conge_recu') then
                case when contains(donnees, '"origine":"premiere_location"') then 'premiere' else '' end
                || regexp_extract(donnees, '"qpv":[a-z]*') || regexp_extract(donnees, '"irregularite":"[^"]*"')
            when type = 'orientation' then
                regexp_extract(donnees, '"destination":"(reservataire:|[^"]*")')
                || regexp_extract(donnees, '"irregularite":"[^"]*"')
            when contains(donnees, '"menage"') then
                regexp_replace(donnees, '"menage":\{[^}]*\}', '')
                || regexp_extract(donnees, '"deja_locataire":[^,}]*') || regexp_extract(donnees, '"relogement":[^,}]*')
            else donnees
        end as dit
    from journal
    where {limite}
)
select
    vacance,
    {histoire} as histoire,
    {dates} as dates
from lus
group by vacance
