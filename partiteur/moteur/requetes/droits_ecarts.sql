-- Rights that find no dwelling of {source} to bear on; `connu`: the parc holds one, that {source} leaves out.
with presents as (
    select distinct s.rang from droits_situes s join {source} p on p.ligne = s.ligne
),
connus as (
    select distinct s.rang from droits_situes s
),
libres as (
    select distinct p.programme
    from {source} p
    left join identifies i on i.ligne = p.ligne
    where p.programme is not null and i.reservataire is null
),
sans as (
    select case when c.rang is null then 0 else 1 end as connu, 1 as nombre
    from droits_identifies d
    left join presents p on p.rang = d.rang
    left join connus c on c.rang = d.rang
    where p.rang is null
    union all
    select case when c.programme is null then 0 else 1 end as connu, d.nombre
    from droits_nombres d
    left join libres l on l.programme = d.programme
    left join (select distinct p.programme from parc p) c on c.programme = d.programme
    where l.programme is null
)
select connu, cast(sum(nombre) as bigint) as nombre from sans group by connu
