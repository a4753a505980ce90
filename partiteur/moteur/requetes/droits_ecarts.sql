-- Rights that find no dwelling of {source} to bear on; `connu`: the parc holds one, that {source} leaves out.
with trouves as (
    select s.rang, max(case when p.ligne is null then 0 else 1 end) as present
    from droits_situes s
    left join {source} p on p.ligne = s.ligne
    group by s.rang
),
sans as (
    select case when t.rang is null then 0 else 1 end as connu, 1 as nombre
    from droits_identifies d
    left join trouves t on t.rang = d.rang
    where coalesce(t.present, 0) = 0
    union all
    select case when c.programme is null then 0 else 1 end as connu, d.nombre
    from droits_nombres d
    left join libres l on l.programme = d.programme
    left join (
        select distinct p.programme from parc p where p.programme in (select n.programme from droits_nombres n)
    ) c on c.programme = d.programme
    where l.programme is null
)
select connu, cast(sum(nombre) as bigint) as nombre from sans group by connu
