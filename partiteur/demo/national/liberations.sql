-- The libérations of the years [$du, $au[: one dwelling in twelve a year. One in five hundred is of a dwelling gone since.
with logements as (
    select commune, unnest(range(premier, dernier)) as i from programmes
),
annees as (
    select unnest(range($du, $au))::integer as annee
),
parties as (
    select commune, i, annee, hash(i, annee, 40, $graine) as h, hash(i, annee, 41, $graine) as g
    from annees, logements
    where hash(i, annee, 42, $graine) % 1000 < 83
)
select
    case when g % 500 = 0 then 'S' else '' end || lpad(i::varchar, 10, '0') as logement, commune,
    make_date(annee, 1 + (h % 12)::integer, 1 + ((h // 12) % 28)::integer) as date_liberation,
    case
        when g % 100 < 60 then 'conge' when g % 100 < 80 then 'mutation' when g % 100 < 88 then 'deces'
        when g % 100 < 91 then 'expulsion' when g % 100 < 93 then 'abandon' when g % 100 < 96 then 'relogement_anru'
        when g % 100 < 97 then 'relogement_lhi' when g % 100 < 98 then 'autre'
    end as motif,
    case when (g // 100) % 10 < 9 then make_date(annee, 12, 1 + (h % 28)::integer) end as date_entree,
    null::varchar as usage
from parties
order by date_liberation, logement, commune
