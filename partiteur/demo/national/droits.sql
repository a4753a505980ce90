-- The register of rights of the country: one dwelling in five is identified, one programme in four owes numbers.
-- The type of each réservataire comes with its code.
with logements as (
    select *, unnest(range(premier, dernier)) as i from programmes
),
tous as (
    select lpad(i::varchar, 10, '0') as logement, programme, commune, epci, departement, 1 as nombre,
        hash(i, 30, $graine) as h, hash(i, 31, $graine) as g, i as ordre
    from logements
    where hash(i, 32, $graine) % 5 = 0
    union all
    select null as logement, programme, commune, epci, departement,
        (1 + hash(p, k, 33, $graine) % greatest(1, (dernier - premier) // 5))::integer as nombre,
        hash(p, k, 34, $graine) as h, hash(p, k, 35, $graine) as g, p * 4 + k as ordre
    from programmes, (select unnest([0, 1, 2]) as k)
    where dernier - premier >= 6 and hash(p, 36, $graine) % 4 = 0
),
qui as (
    select *, h % 10 as r, (h // 10) % 100 as n, (h // 1000) % 100 as s, (1998 + g % 22)::integer as debut,
        (g // 22) % 10 as f
    from tous
)
select
    null::varchar as droit,
    case
        when r < 4 then 'etat-prioritaires' when r = 4 then 'etat-agents' when r < 7 then 'action-logement'
        when r = 7 then commune when r = 8 and epci is not null then epci else 'departement-' || departement
    end as reservataire,
    case
        when r < 4 then 'etat_prioritaires' when r = 4 then 'etat_fonctionnaires' when r < 7 then 'action_logement'
        when r = 7 then 'commune' when r = 8 and epci is not null then 'epci' else 'departement'
    end as type,
    null::varchar as convention_origine, programme, logement, nombre,
    case when r < 5 then 'sans' when r < 7 then 'financement' when f < 8 then 'garantie' else 'terrain' end as contrepartie,
    null::varchar as quotite_garantie,
    case when n < 90 then 'suite' when n < 94 then 'unique' when n < 96 then 'un_tour' end as nature,
    make_date(debut, 1, 1) as debut,
    case when f < 6 then make_date(debut + 40, 12, 31) when f < 9 then make_date(debut + 15, 12, 31) end as fin,
    case when r >= 7 and f = 7 then make_date(debut + 20, 6, 30) end as dernier_remboursement,
    case when s = 99 then 'action-logement' end as cede_a,
    case when s < 80 then 'confirme' when s < 92 then 'declare_bailleur' when s < 97 then 'conteste' else 'non_mobilise' end
        as statut,
    null::varchar as piece,
    (row_number() over (order by logement is null, ordre) + 1)::integer as ligne
from qui
order by ligne
