-- The programmes of the country: who, where, when, how many dwellings. Shares are exact: a running sum of whole
-- weights, cut in proportion. Nothing is drawn: every choice is a hash of a number and of the seed.
create table departements as
select departement, row_number() over (order by departement) - 1 as d, count(*) over () as combien
from (select distinct departement from communes);

create table lieux as
select code, epci, departement, region,
    row_number() over (partition by departement order by hash(code, $graine), code) - 1 as c,
    count(*) over (partition by departement) as combien
from communes;

-- A bailleur is at home in one département, and in up to three that follow it.
create table presences as
with maisons as (
    select b, b * n.combien // $bailleurs as chez, 1 + hash(b, 1, $graine) % 4 as etendue,
        1 + hash(b, 2, $graine) % 20 as taille
    from (select unnest(range($bailleurs)) as b), (select max(combien) as combien from departements) n
),
couples as (
    select b, departement, k, taille * taille // (1 + 2 * k) + 1 as poids
    from (select *, unnest(range(etendue::bigint)) as k from maisons)
    join departements on d = (chez + k) % combien
),
cumuls as (
    select *, sum(poids) over (order by b, k) as cumul, sum(poids) over () as total from couples
)
select '999' || lpad(b::varchar, 6, '0') as bailleur, departement, b, k,
    (cumul - poids) * $programmes // total as premier, cumul * $programmes // total as dernier
from cumuls;

create table programmes as
with situes as (
    select bailleur, departement, unnest(range(premier::bigint, dernier::bigint)) as p from presences
),
choisis as (
    select *, hash(p, 10, $graine) % 1000 as u, 1 + hash(p, 11, $graine) % 47 as poids from situes
),
cumuls as (
    select *, sum(poids) over (order by p) as cumul, sum(poids) over () as total from choisis
),
places as (
    select s.*, l.code as commune, l.epci, l.region,
        1952 + (hash(p, 12, $graine) % 37 + hash(p, 13, $graine) % 37)::integer as annee,
        hash(p, 14, $graine) % 100 as q, hash(p, 15, $graine) % 100 as v
    from cumuls s
    join lieux l on l.departement = s.departement and l.c = l.combien * u * u * u * u // 1000000000000
)
select p, 'P' || lpad(p::varchar, 7, '0') as programme, bailleur, commune, epci, departement, region, annee,
    case when q < 23 then true when q < 98 then false end as qpv,
    v < 12 as individuel, v >= 97 as etudiant, v in (95, 96) as en_vente, v = 94 as foyer, v = 93 as a_demolir,
    case
        when v >= 97 then '14'
        when annee < 1978 then ['50', '51', '52', '52'][1 + (hash(p, 16, $graine) % 4)::integer]
        when annee < 2000 then ['12', '12', '12', '11', '17', '49'][1 + (hash(p, 16, $graine) % 6)::integer]
        else ['13', '13', '13', '10', '10', '14', '16'][1 + (hash(p, 16, $graine) % 7)::integer]
    end as financement,
    ((cumul - poids) * $logements // total)::bigint as premier, (cumul * $logements // total)::bigint as dernier
from places
order by p;
