-- Rights that find no dwelling to bear on; `connu`: the parc holds one, that what they are posed on leaves out.
with perdus as (
    select s.rang, s.perdu as numero from droits_situes s where s.perdu is not null
),
connus as (
    select distinct d.rang from perdus d join numeros_du_parc n on n.numero = d.numero
),
ailleurs as (
    select d.programme, d.nombre
    from droits_nombres d
    left join libres l on l.programme = d.programme
    where l.programme is null
),
programmes_connus as (
    select distinct p.programme
    from parc p
    join (select distinct a.programme from ailleurs a) n on n.programme = p.programme
),
sans as (
    select case when c.rang is null then 0 else 1 end as connu, 1 as nombre
    from perdus n
    left join connus c on c.rang = n.rang
    union all
    select case when c.programme is null then 0 else 1 end as connu, a.nombre
    from ailleurs a
    left join programmes_connus c on c.programme = a.programme
)
select connu, cast(sum(nombre) as bigint) as nombre from sans group by connu
