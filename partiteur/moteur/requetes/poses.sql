-- Everything a register says of a parc at a date, one row each: a right on a dwelling, a number in a programme, a
-- programme that owes more than it has, rights that find no dwelling (`ligne`: whether the parc holds one).
select
    'identifie' as quoi, i.ligne, null as programme, i.reservataire, i.conteste, cast(1 as bigint) as nombre,
    cast(null as bigint) as logements
from identifies i
union all
select 'nombre', null, n.programme, n.reservataire, n.conteste, n.nombre, null from nombres n
union all
select 'depassement', d.premier, d.programme, null, null, d.demandes, d.logements from depassements d
union all
select 'ecart', e.connu, null, null, null, e.nombre, null from ecarts e
