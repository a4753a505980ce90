-- Rights that find no dwelling to bear on; `connu`: the parc holds one, that what they are posed on leaves out.
with perdus as (
    select d.rang, d.numero
    from droits_identifies d
    left join droits_situes s on s.rang = d.rang
    where s.rang is null
),
connus as (
    select n.rang from perdus n join parc p on p.numero_rpls = n.numero
    union
    select n.rang from perdus n join parc p on p.identifiant_interne = n.numero
),
sans as (
    select case when c.rang is null then 0 else 1 end as connu, 1 as nombre
    from perdus n
    left join connus c on c.rang = n.rang
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
