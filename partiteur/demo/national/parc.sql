-- One row a dwelling, in the order of the programmes: the canonical parc at 1 January of a year. A dwelling keeps
-- its number from year to year; its lease, its mode and its sale change.
with logements as (
    select *, unnest(range(premier, dernier)) as i from programmes
),
tirages as (
    select *,
        (hash(i, 20, $graine) % 100)::integer as t, (hash(i, 21, $graine) % 1000)::integer as m,
        (hash(i, 22, $graine) % 100)::integer as c, (hash(p, 25, $graine) % 11)::integer as k, (hash(i, 23, $graine) % 1000)::integer as r,
        (hash(i, 24, $graine) % 12)::integer as mois, (hash(i, $annee, $graine) % 1000)::integer as a
    from logements
),
pieces as (
    select *,
        case
            when etudiant or t < 6 then 1 when t < 26 then 2 when t < 62 then 3 when t < 89 then 4 when t < 98 then 5
            when r < 900 then 6 when r < 970 then 7 when r < 990 then 8 else 9
        end as n,
        ($annee - 1 - (a * a // 40000))::integer as bail
    from tirages
)
select
    lpad(i::varchar, 10, '0') as numero_rpls, null::varchar as identifiant_interne, bailleur, programme,
    commune, epci, departement, region, qpv,
    case when r <> 7 then 'T' || n end as typologie, null::varchar as typologie_detail,
    (14 + 17 * n + m / 100)::decimal(7, 2) as surface, individuel,
    case when etudiant then 'E' when individuel then 'I' else 'C' end as type_construction,
    case when r <> 11 then financement end as financement, null::varchar as famille_financement,
    annee as annee_construction, annee + (m % 2) as annee_mise_en_location,
    case
        when a < 920 then '1' when a < 950 then '2' when a < 965 then '3' when a < 980 then '4'
        when a < 990 then '5' when a < 997 then '9'
    end as mode,
    case when a < 920 then make_date(greatest(bail, annee + 1), 1 + mois, 1) end as date_bail,
    null::date as date_offre, null::date as date_depart,
    case
        when etudiant then 'etudiant' when foyer then 'foyer_migrants' when r < 3 then 'logement_fonction'
        when r < 970 then 'familial'
    end as usage,
    case when r >= 20 then en_vente end as en_vente,
    case when a_demolir then '4' when m < 10 then '1' end as sortie_patrimoine, null::boolean as a_demolir,
    case when r >= 10 then m >= 40 end as conventionne,
    case when m < 120 then '1' when m < 900 then '2' end as pmr,
    case when r >= 50 then ['A', 'B', 'C', 'C', 'D', 'D', 'D', 'E', 'E', 'F', 'G'][1 + m % 11] end as dpe,
    ((14 + 17 * n) * (520 + m % 300))::bigint as loyer_centimes,
    case when c < 99 then ['1', '2', '2', '2', '3', '3', '4', '4', '6', '7', '7'][1 + (k + c % 3) % 11] end as contingent,
    null::varchar as reservataire, null::varchar as convention, null::date as debut_droit, null::date as fin_droit,
    case when m = 77 then ['jeunes', 'seniors', 'plai_adapte'][1 + r % 3] end as specifique,
    (i + 2)::integer as ligne
from pieces
